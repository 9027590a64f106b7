import type { Block, Sparse } from '../frames/block.ts'
import { isNaNCell, showCell, type Cell } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { toSparse } from '../frames/stack.ts'
import { columnCells } from '../frames/to-objects.ts'
import { numberOf } from '../numpy/array.ts'
import { labelText, classOf, isConstructed } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { normalizeSparse, normOf } from './scalers.ts'
import { readSparse } from './sparse-file.ts'
import { readAnalyzer } from './text-analyzer.ts'

/** CountVectorizer: how often each known term is in the text. */
export const countVectorizer: Compiler = (estimator) => {
  const count = readCounter(estimator)
  return {
    name: estimator.name,
    transform: count.transform,
    sizes: { terms: count.terms },
    isSparse: true,
  }
}

/** TfidfVectorizer: counts, weighted by rarity and brought to length one. */
export const tfidfVectorizer: Compiler = (estimator) => {
  const count = readCounter(estimator)
  const inner = estimator.get('_tfidf')
  const weigh = tfidfWeights(isConstructed(inner) ? new Attributes(inner) : estimator)
  return {
    name: estimator.name,
    transform: (block) => weigh(count.transform(block)),
    sizes: { terms: count.terms },
    isSparse: true,
  }
}

/** TfidfTransformer: the second half alone. */
export const tfidfTransformer: Compiler = (estimator) => {
  const weigh = tfidfWeights(estimator)
  return { name: estimator.name, transform: (block) => weigh(toSparse(block)), isSparse: true }
}

type Counter = Readonly<{ terms: number; transform: (block: Block) => Sparse }>

function readCounter(estimator: Attributes): Counter {
  const vocabulary = estimator.get('vocabulary_')
  if (!(vocabulary instanceof Map)) throw estimator.missing('vocabulary_')
  const places = new Map([...vocabulary].map(([term, place]) => [labelText(term), numberOf(place)]))
  const terms = places.size
  if ([...places.values()].some((place) => !(place >= 0 && place < terms))) {
    throw estimator.missing('vocabulary_')
  }
  const analyze = readAnalyzer(estimator)
  const isBinary = estimator.flag('binary', false)
  return {
    terms,
    transform: (block) => {
      const rows = columnCells(block, 0).map((cell) => {
        const counts = new Map<number, number>()
        for (const term of analyze(documentOf(cell))) {
          const place = places.get(term)
          if (place !== undefined) counts.set(place, isBinary ? 1 : (counts.get(place) ?? 0) + 1)
        }
        return [...counts].toSorted(([a], [b]) => a - b)
      })
      return fromRows(rows, terms)
    },
  }
}

/** @throws Problem for what is not text */
export function documentOf(cell: Cell): string {
  if (typeof cell === 'string') return cell
  throw refusal(`A text was expected, not ${isNaNCell(cell) ? 'a missing value' : showCell(cell)}.`)
}

/** Rows of (column, value) pairs as a sparse block. */
export function fromRows(rows: readonly [number, number][][], columns: number): Sparse {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, r) => (starts[r + 1] = starts[r]! + row.length))
  const entries = rows.flat()
  return {
    kind: 'sparse',
    rows: rows.length,
    columns,
    starts,
    indices: Int32Array.from(entries, ([place]) => place),
    values: Float64Array.from(entries, ([, count]) => count),
  }
}

function tfidfWeights(estimator: Attributes): (counts: Sparse) => Sparse {
  const idf = estimator.flag('use_idf', true) ? readIdf(estimator) : undefined
  const isSublinear = estimator.flag('sublinear_tf', false)
  const norm = estimator.get('norm')
  return (counts) => {
    if (idf !== undefined && idf.length !== counts.columns)
      throw unsupported(estimator, 'of another width')
    const values = counts.values.map((count, at) => {
      const tf = isSublinear ? Math.log(count) + 1 : count
      return idf === undefined ? tf : tf * idf[counts.indices[at]!]!
    })
    const weighted = { ...counts, values }
    return typeof norm === 'string' ? normalizeSparse(weighted, normOf(norm)) : weighted
  }
}

/** A vector since 1.4, before that the diagonal of a sparse matrix. */
function readIdf(estimator: Attributes): Float64Array {
  if (estimator.has('idf_')) return estimator.numbers('idf_')
  const diagonal = estimator.get('_idf_diag')
  if (!isConstructed(diagonal)) throw estimator.missing('idf_')
  if (classOf(diagonal)?.name === 'dia_matrix') return new Attributes(diagonal).numbers('data')
  const sparse = readSparse(diagonal)
  const out = new Float64Array(sparse.columns)
  for (let r = 0; r < sparse.rows; r++) {
    for (let at = sparse.starts[r]!; at < sparse.starts[r + 1]!; at++) {
      out[sparse.indices[at]!] = sparse.values[at]!
    }
  }
  return out
}
