import { problem } from '../problems.ts'
import { unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { probit } from './probit.ts'
import { elementwise } from './scalers.ts'

/** Maps every column to its quantiles, uniform or normal. */
export const quantileTransformer: Compiler = (estimator) => {
  const { rows, columns, data } = estimator.rows('quantiles_')
  const references = estimator.numbers('references_')
  const output = estimator.text('output_distribution', 'uniform')
  if (output !== 'uniform' && output !== 'normal') throw unsupported(estimator, output)
  if (references.length !== rows)
    throw problem('model_invalid', 'QuantileTransformer lacks references_.')
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
