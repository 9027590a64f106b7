import { matrix, type Block, type Frame } from '../frames/block.ts'
import { isNumeric } from '../frames/column-dtype.ts'
import { refusal } from '../frames/refusal.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { classOf, describe, isConstructed, type Pickled } from '../pickled.ts'
import { unsupported } from './attributes.ts'
import { ufuncOf } from './ufuncs.ts'
import type { Compiler } from './fitted.ts'
import { identity } from './pipeline.ts'

/** FunctionTransformer: nothing, or one of NumPy's functions on every value. */
export const functionTransformer: Compiler = (estimator) => {
  const value = estimator.get('func')
  const validates = estimator.flag('validate', false)
  if (value === null || value === undefined) {
    if (!validates) return identity(estimator.name)
    return { name: estimator.name, transform: (block) => toMatrix(block) }
  }
  if (isCheck(value)) return identity(estimator.name)
  const f = ufuncOf(value)
  if (f === undefined) throw unsupported(estimator, `with ${describe(value)}`)
  return {
    name: estimator.name,
    transform: (block) => {
      if (!validates) refuseObjects(block)
      const x = toMatrix(block, validates ? 'finite' : 'any')
      return matrix(x.rows, x.columns, x.data.map(f))
    },
  }
}

/** Histogram boosting keeps its own check of the input as a step; it changes nothing. */
const isCheck = (value: Pickled): boolean =>
  isConstructed(value) &&
  classOf(value)?.name === 'partial' &&
  describe(value.args[0]).endsWith('check_array')

/** NumPy's functions do not work on object arrays, not even of numbers. */
function refuseObjects(block: Block): void {
  if (block.kind === 'objects' || (block.kind === 'frame' && hasObjects(block))) {
    throw refusal('A function of numbers was given a column of objects.')
  }
}

const hasObjects = (frame: Frame): boolean =>
  frame.columns.some((column) => !isNumeric(column.dtype))
