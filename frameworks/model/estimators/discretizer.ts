import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { numbersOfList } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/** KBinsDiscretizer: the bin of every value, as a number or one-hot. */
export const kBinsDiscretizer: Compiler = (estimator) => {
  const edges = estimator.list('bin_edges_').map(numbersOfList)
  const isOrdinal = estimator.text('encode', 'onehot') === 'ordinal'
  const widths = edges.map((edge) => edge.length - 1)
  const offsets = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0))
  const total = widths.reduce((sum, width) => sum + width, 0)
  // Before 1.1 values were nudged upwards so that rounding does not push them below their edge.
  const nudge = estimator.isAtLeast(1, 1) ? 0 : 1
  const transform = (block: Block): Matrix => {
    requireWidth(block, edges.length, estimator.name)
    const x = toMatrix(block)
    const out = matrix(x.rows, isOrdinal ? edges.length : total)
    x.data.forEach((value, at) => {
      const [r, c] = [Math.floor(at / x.columns), at % x.columns]
      const bin = binOf(value + nudge * (1e-8 + 1e-5 * Math.abs(value)), edges[c]!)
      if (isOrdinal) out.data[at] = bin
      else out.data[r * total + offsets[c]! + bin] = 1
    })
    return out
  }
  return { name: estimator.name, transform }
}

/** How many inner edges are not above the value. */
function binOf(value: number, edges: Float64Array): number {
  let bin = 0
  while (bin < edges.length - 2 && edges[bin + 1]! <= value) bin++
  return bin
}
