import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { numbersOfList } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { argmaxRows, requireWidth, softmaxRows } from './linear-algebra.ts'

/** QuadraticDiscriminantAnalysis: a Gaussian a class, each with its own rotation and scale. */
export const quadraticDiscriminantAnalysis: Compiler = (estimator) => {
  const classes = estimator.classes()
  const means = estimator.rows('means_')
  const priors = estimator.numbers('priors_')
  const rotations = estimator.list('rotations_').map(numbersOfList)
  const scalings = estimator.list('scalings_').map(numbersOfList)
  const likelihood = (row: Float64Array, k: number): number => {
    const scaling = scalings[k]!
    let distance = 0
    let volume = 0
    for (let j = 0; j < scaling.length; j++) {
      let projected = 0
      for (let c = 0; c < row.length; c++) {
        const centered = row[c]! - means.data[k * means.columns + c]!
        projected += centered * rotations[k]![c * scaling.length + j]!
      }
      distance += projected ** 2 / scaling[j]!
      volume += Math.log(scaling[j]!)
    }
    return -0.5 * (distance + volume) + Math.log(priors[k]!)
  }
  const likelihoods = (block: Block): Matrix => {
    requireWidth(block, means.columns, estimator.name)
    const x = toMatrix(block)
    const out = matrix(x.rows, classes.length)
    for (let r = 0; r < x.rows; r++) {
      const row = x.data.subarray(r * x.columns, (r + 1) * x.columns)
      for (let k = 0; k < classes.length; k++) out.data[r * classes.length + k] = likelihood(row, k)
    }
    return out
  }
  return {
    name: estimator.name,
    classes,
    proba: (block) => softmaxRows(likelihoods(block)),
    decision: (block) => advantage(likelihoods(block)),
    predict: (block) => argmaxRows(likelihoods(block)),
  }
}

/** Of two classes how much likelier the second is. */
function advantage(scores: Matrix): Matrix {
  if (scores.columns !== 2) return scores
  return matrix(
    scores.rows,
    1,
    Float64Array.from(
      { length: scores.rows },
      (_, r) => scores.data[2 * r + 1]! - scores.data[2 * r]!,
    ),
  )
}
