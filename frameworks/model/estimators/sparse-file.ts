import { problem } from '../problems.ts'
import type { Sparse } from '../frames/block.ts'
import { numberOf } from '../numpy/array.ts'
import { isConstructed, type Pickled } from '../pickled.ts'
import { Attributes } from './attributes.ts'

/** A `scipy.sparse` row matrix from a file. @throws Problem unless its indices are in range */
export function readSparse(value: Pickled | undefined): Sparse {
  if (!isConstructed(value)) throw problem('model_invalid', 'A sparse matrix was expected.')
  const attributes = new Attributes(value)
  if (!attributes.name.startsWith('csr_')) {
    throw problem('model_unsupported', `${attributes.name} is not supported here, csr_matrix is.`)
  }
  const [rows, columns] = attributes.list('_shape').map(numberOf)
  const sparse: Sparse = {
    kind: 'sparse',
    rows: rows!,
    columns: columns!,
    starts: new Int32Array(attributes.numbers('indptr')),
    indices: new Int32Array(attributes.numbers('indices')),
    values: attributes.numbers('data'),
  }
  const isSound =
    sparse.starts.length === sparse.rows + 1 &&
    sparse.starts.every((start, r) => start >= (sparse.starts[r - 1] ?? 0)) &&
    sparse.starts.at(-1)! <= sparse.indices.length &&
    sparse.indices.length === sparse.values.length &&
    sparse.indices.every((column) => column >= 0 && column < sparse.columns)
  if (!isSound) throw problem('model_invalid', 'A sparse matrix of the model is damaged.')
  return sparse
}
