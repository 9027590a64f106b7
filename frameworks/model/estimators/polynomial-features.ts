import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { unsupported, type Attributes } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/** All products of columns up to a degree, in scikit-learn's order. */
export const polynomialFeatures: Compiler = (estimator) => {
  const inputs = estimator.number('n_features_in_', estimator.number('n_input_features_', -1))
  if (inputs < 0) throw estimator.missing('n_features_in_')
  const products = productsOf(estimator, inputs)
  const transform = (block: Block): Matrix => {
    requireWidth(block, inputs, estimator.name)
    const x = toMatrix(block)
    const out = matrix(x.rows, products.length)
    for (let r = 0, at = 0; r < x.rows; r++) {
      for (const factors of products) {
        let product = 1
        for (const c of factors) product *= x.data[r * x.columns + c]!
        out.data[at++] = product
      }
    }
    return out
  }
  return { name: estimator.name, transform }
}

function productsOf(estimator: Attributes, inputs: number): number[][] {
  const [least, most] = degrees(estimator)
  const isOnce = estimator.flag('interaction_only', false)
  const bias: number[][] = estimator.flag('include_bias', true) ? [[]] : []
  const products = [...bias]
  for (let degree = Math.max(1, least); degree <= most; degree++) {
    for (const factors of combinations(inputs, degree, isOnce)) {
      products.push(factors)
      if (products.length > PRODUCTS_MAX)
        throw unsupported(estimator, `beyond ${PRODUCTS_MAX} products`)
    }
  }
  return products
}

const PRODUCTS_MAX = 1_000_000

/** `degree` is a number, or a pair of least and most. */
function degrees(estimator: Attributes): [number, number] {
  const values = estimator.numbers('degree')
  return values.length === 2 ? [values[0]!, values[1]!] : [0, values[0]!]
}

/** Ascending index lists in lexicographic order, with repetition unless `isOnce`. */
function* combinations(
  size: number,
  length: number,
  isOnce: boolean,
  from = 0,
): Generator<number[]> {
  if (length === 0) {
    yield []
    return
  }
  for (let first = from; first < size; first++) {
    for (const rest of combinations(size, length - 1, isOnce, isOnce ? first + 1 : first)) {
      yield [first, ...rest]
    }
  }
}
