import { matrix, type Block, type Matrix, type Sparse } from '../frames/block.ts'
import { refuseNonFinite, toMatrix, type Finite } from '../frames/to-matrix.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/** (x - mean) / scale; either may be switched off. */
export const standardScaler: Compiler = (estimator) => {
  const shift = estimator.flag('with_mean', true) ? estimator.numbersOrNone('mean_') : undefined
  const scale = estimator.flag('with_std', true) ? estimator.numbersOrNone('scale_') : undefined
  return columnwise(estimator.name, shift, scale)
}

/** (x - center) / scale. */
export const robustScaler: Compiler = (estimator) => {
  const shift = estimator.flag('with_centering', true)
    ? estimator.numbersOrNone('center_')
    : undefined
  const scale = estimator.flag('with_scaling', true) ? estimator.numbersOrNone('scale_') : undefined
  return columnwise(estimator.name, shift, scale)
}

export const maxAbsScaler: Compiler = (estimator) =>
  columnwise(estimator.name, undefined, estimator.numbers('scale_'))

/** x * scale + min, clipped to the range if asked for. */
export const minMaxScaler: Compiler = (estimator) => {
  const scale = estimator.numbers('scale_')
  const min = estimator.numbers('min_')
  const [low, high] = estimator.flag('clip', false)
    ? estimator.numbers('feature_range')
    : [-Infinity, Infinity]
  return elementwise(estimator.name, scale.length, (value, c) => {
    const scaled = value * scale[c]! + min[c]!
    return scaled < low! ? low! : scaled > high! ? high! : scaled
  })
}

/** Rows of length one; a row of zeros stays. */
export const normalizer: Compiler = (estimator) => {
  const norm = normOf(estimator.text('norm', 'l2'))
  return {
    name: estimator.name,
    transform: (block) => {
      if (block.kind === 'sparse') return normalizeSparse(block, norm)
      const x = toMatrix(block)
      const out = matrix(x.rows, x.columns, x.data.slice())
      for (let r = 0; r < x.rows; r++)
        divide(out.data.subarray(r * x.columns, (r + 1) * x.columns), norm)
      return out
    },
  }
}

export const binarizer: Compiler = (estimator) => {
  const threshold = estimator.number('threshold', 0)
  return {
    name: estimator.name,
    transform: (block) => {
      const x = toMatrix(block)
      return matrix(
        x.rows,
        x.columns,
        x.data.map((value) => (value > threshold ? 1 : 0)),
      )
    },
  }
}

type Norm = (row: Float64Array) => number

/** The length of a row by the name that scikit-learn gives it. */
export function normOf(name: string): Norm {
  if (name === 'l1') return (row) => row.reduce((sum, value) => sum + Math.abs(value), 0)
  if (name === 'max') return (row) => row.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return (row) => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
}

export function normalizeSparse(x: Sparse, norm: Norm): Sparse {
  refuseNonFinite(x.values, 'finite')
  const values = x.values.slice()
  for (let r = 0; r < x.rows; r++) divide(values.subarray(x.starts[r], x.starts[r + 1]), norm)
  return { ...x, values }
}

function divide(row: Float64Array, norm: Norm): void {
  const length = norm(row)
  if (length === 0) return
  for (let i = 0; i < row.length; i++) row[i]! /= length
}

function columnwise(
  name: string,
  shift: Float64Array | undefined,
  scale: Float64Array | undefined,
): Fitted {
  const width = (shift ?? scale)?.length
  const transform = (block: Block): Block => {
    if (block.kind === 'sparse' && shift === undefined) return scaleSparse(block, scale)
    const x = toMatrix(block, 'nan')
    if (width === undefined) return x
    requireWidth(block, width, name)
    return affineColumns(x, shift, scale)
  }
  return { name, transform }
}

function affineColumns(
  x: Matrix,
  shift: Float64Array | undefined,
  scale: Float64Array | undefined,
): Matrix {
  const out = matrix(x.rows, x.columns)
  for (let r = 0, at = 0; r < x.rows; r++) {
    for (let c = 0; c < x.columns; c++, at++) {
      const centered = shift === undefined ? x.data[at]! : x.data[at]! - shift[c]!
      out.data[at] = scale === undefined ? centered : centered / scale[c]!
    }
  }
  return out
}

function scaleSparse(x: Sparse, scale: Float64Array | undefined): Sparse {
  if (scale === undefined) return x
  return { ...x, values: x.values.map((value, at) => value / scale[x.indices[at]!]!) }
}

/** A dense transformer that treats every value alone, knowing its column. */
export function elementwise(
  name: string,
  width: number,
  f: (value: number, column: number) => number,
  finite: Finite = 'nan',
): Fitted {
  const transform = (block: Block): Matrix => {
    requireWidth(block, width, name)
    const x = toMatrix(block, finite)
    const out = matrix(x.rows, x.columns)
    for (let at = 0; at < x.data.length; at++) out.data[at] = f(x.data[at]!, at % x.columns)
    return out
  }
  return { name, transform }
}
