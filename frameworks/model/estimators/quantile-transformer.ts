import { problem } from '../problems.ts'
import { unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { elementwise } from './scalers.ts'

/** Maps every column to its quantiles, uniform or normal. */
export const quantileTransformer: Compiler = (estimator) => {
  const { rows, columns, data } = estimator.rows('quantiles_')
  const references = estimator.numbers('references_')
  const output = estimator.text('output_distribution', 'uniform')
  if (output !== 'uniform' && output !== 'normal') throw unsupported(estimator, output)
  if (references.length !== rows) throw problem('model_invalid', 'QuantileTransformer lacks references_.')
  const quantiles = Array.from({ length: columns }, (_, c) =>
    Float64Array.from(references, (_reference, q) => data[q * columns + c]!),
  )
  return elementwise(estimator.name, columns, (x, c) => {
    if (Number.isNaN(x)) return x
    const share = shareBelow(x, quantiles[c]!, references, output === 'normal')
    return output === 'uniform' ? share : normalQuantile(share)
  })
}

/** Mean of the interpolation from both sides, which differ where quantiles repeat. */
function shareBelow(
  x: number,
  quantiles: Float64Array,
  references: Float64Array,
  isNormal: boolean,
): number {
  const [low, high] = [quantiles[0]!, quantiles.at(-1)!]
  const margin = isNormal ? BOUNDS_THRESHOLD : 0
  if (isNormal ? x - margin < low : x === low) return 0
  if (isNormal ? x + margin > high : x === high) return 1
  if (x <= low) return 0
  if (x >= high) return 1
  const last = quantiles.length - 1
  const after = countWhere(quantiles, (q) => q <= x)
  const before = countWhere(quantiles, (q) => q < x)
  const fromLeft = between(x, quantiles, references, after - 1, after)
  const fromRight = between(x, quantiles, references, Math.min(before, last), before - 1)
  return (fromLeft + fromRight) / 2
}

/** How many of the sorted values hold `test`, which holds for a prefix. */
function countWhere(sorted: Float64Array, test: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (test(sorted[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

function between(x: number, from: Float64Array, to: Float64Array, a: number, b: number): number {
  if (from[a] === x) return to[a]!
  const slope = (to[b]! - to[a]!) / (from[b]! - from[a]!)
  return to[a]! + slope * (x - from[a]!)
}

const BOUNDS_THRESHOLD = 1e-7
const EDGE = BOUNDS_THRESHOLD - Number.EPSILON

/** The standard normal's quantile, clipped as scikit-learn clips it. */
function normalQuantile(p: number): number {
  const value = p <= 0 ? -Infinity : p >= 1 ? Infinity : probit(p)
  return Math.min(probit(1 - EDGE), Math.max(probit(EDGE), value))
}

/** Inverse of the normal distribution by Wichura's AS 241, exact to about 1e-16. */
export function probit(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, CENTRE)
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  const value = r <= 5 ? ratio(r - 1.6, MIDDLE) : ratio(r - 5, TAIL)
  return q < 0 ? -value : value
}

type Coefficients = readonly [numerator: readonly number[], denominator: readonly number[]]

const ratio = (x: number, [numerator, denominator]: Coefficients): number =>
  horner(x, numerator) / horner(x, denominator)

const horner = (x: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)

const CENTRE: Coefficients = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852545925,
  ],
]
const MIDDLE: Coefficients = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
    0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4,
    1.05075007164441684324e-9,
  ],
]
const TAIL: Coefficients = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5,
    2.01033439929228813265e-7,
  ],
  [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
    7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
    2.04426310338993978564e-15,
  ],
]
