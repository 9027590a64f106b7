import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import type { Compiler } from './fitted.ts'
import { argmaxRows, mapInPlace, requireWidth } from './linear-algebra.ts'

/** KMeans and MiniBatchKMeans: the number of the nearest center, or all distances. */
export const kMeans: Compiler = (estimator) => {
  const centers = estimator.rows('cluster_centers_')
  const squares = (block: Block): Matrix => {
    requireWidth(block, centers.columns, estimator.name)
    const x = toMatrix(block)
    const out = matrix(x.rows, centers.rows)
    for (let r = 0; r < x.rows; r++) {
      for (let k = 0; k < centers.rows; k++) {
        let sum = 0
        for (let c = 0; c < centers.columns; c++) {
          sum += (x.data[r * x.columns + c]! - centers.data[k * centers.columns + c]!) ** 2
        }
        out.data[r * centers.rows + k] = sum
      }
    }
    return out
  }
  return {
    name: estimator.name,
    classes: Array.from({ length: centers.rows }, (_, k) => k),
    predict: (block) => argmaxRows(mapInPlace(squares(block), (value) => -value)),
    transform: (block) => mapInPlace(squares(block), Math.sqrt),
    isSparse: false,
    sizes: { clusters: centers.rows },
  }
}
