import { problem } from '../problems.ts'
import { matrix, widthOf, type Block, type Matrix, type Sparse } from '../frames/block.ts'
import { refuseNonFinite, toMatrix } from '../frames/to-matrix.ts'

/** An affine map: `coef` is row-major, outputs × inputs; `intercept` has one number an output. */
export type Affine = Readonly<{
  outputs: number
  inputs: number
  coef: Float64Array
  intercept: Float64Array
}>

/** @throws Problem if the block is not as wide as the estimator was fitted for */
export function requireWidth(block: Block, wanted: number, name: string): void {
  const width = widthOf(block)
  if (width !== wanted) {
    throw problem('model_invalid', `${name} expects ${wanted} columns, but got ${width}.`, {
      hint: 'columns.json and the pipeline do not belong together.',
    })
  }
}

/** x W' + b for every row, from dense or sparse input. */
export function applyAffine(block: Block, map: Affine, name: string): Matrix {
  requireWidth(block, map.inputs, name)
  return block.kind === 'sparse' ? affineSparse(block, map) : affineDense(toMatrix(block), map)
}

function affineDense(x: Matrix, { outputs, inputs, coef, intercept }: Affine): Matrix {
  const out = matrix(x.rows, outputs)
  for (let r = 0; r < x.rows; r++) {
    const row = r * inputs
    for (let k = 0; k < outputs; k++) {
      let sum = 0
      for (let c = 0, w = k * inputs; c < inputs; c++, w++) sum += x.data[row + c]! * coef[w]!
      out.data[r * outputs + k] = sum + intercept[k]!
    }
  }
  return out
}

function affineSparse(x: Sparse, { outputs, inputs, coef, intercept }: Affine): Matrix {
  refuseNonFinite(x.values, 'finite')
  const out = matrix(x.rows, outputs)
  for (let r = 0; r < x.rows; r++) {
    for (let k = 0; k < outputs; k++) {
      let sum = 0
      for (let at = x.starts[r]!; at < x.starts[r + 1]!; at++) {
        sum += x.values[at]! * coef[k * inputs + x.indices[at]!]!
      }
      out.data[r * outputs + k] = sum + intercept[k]!
    }
  }
  return out
}

/** 1 / (1 + e^-z); where e^-z overflows the answer is 0, as it should be. */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/** Turns every row into probabilities in place; the row's maximum is subtracted first. */
export function softmaxRows(x: Matrix): Matrix {
  for (let r = 0; r < x.rows; r++) softmax(x.data.subarray(r * x.columns, (r + 1) * x.columns))
  return x
}

function softmax(row: Float64Array): void {
  let largest = -Infinity
  for (const value of row) if (value > largest) largest = value
  let sum = 0
  for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i]! - largest)
  for (let i = 0; i < row.length; i++) row[i]! /= sum
}

/** Divides every row by its sum in place; a row of zeros becomes uniform, or what is given. */
export function normalizeRows(x: Matrix, ofZeros = 1 / x.columns): Matrix {
  const { rows, columns, data } = x
  for (let r = 0; r < rows; r++) {
    let sum = 0
    for (let c = 0; c < columns; c++) sum += data[r * columns + c]!
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c
      data[at] = sum === 0 ? ofZeros : data[at]! / sum
    }
  }
  return x
}

/** Probabilities of both classes from those of the second. */
export function bothClasses(second: Matrix): Matrix {
  const out = matrix(second.rows, 2)
  for (let r = 0; r < second.rows; r++) {
    const p = second.data[r]!
    out.data[2 * r] = 1 - p
    out.data[2 * r + 1] = p
  }
  return out
}

/** Every element through `f`, in place. */
export function mapInPlace(x: Matrix, f: (value: number) => number): Matrix {
  for (let i = 0; i < x.data.length; i++) x.data[i] = f(x.data[i]!)
  return x
}

/** Index of the largest value of each row, the first of equals. */
export function argmaxRows({ rows, columns, data }: Matrix): Float64Array {
  const out = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    let best = 0
    for (let c = 1; c < columns; c++) {
      if (data[r * columns + c]! > data[r * columns + best]!) best = c
    }
    out[r] = best
  }
  return out
}

/** The class of a decision: the sign for two classes, the largest for more. */
export const classOfDecision = (decision: Matrix): Float64Array =>
  decision.columns === 1 ? decision.data.map((value) => (value > 0 ? 1 : 0)) : argmaxRows(decision)
