import { problem } from '../problems.ts'
import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { keyOf, type Cell } from '../frames/cell.ts'
import { isConstructed, type Pickled } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Build, Compiler, Fitted } from './fitted.ts'
import { normalizeRows } from './linear-algebra.ts'

/** CalibratedClassifierCV: the mean of models whose scores were mapped to probabilities. */
export const calibratedClassifierCV: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const members = estimator.list('calibrated_classifiers_').map((value) => {
    if (!isConstructed(value)) throw estimator.missing('calibrated_classifiers_')
    return calibrated(new Attributes(value), classes, build)
  })
  const proba = (block: Block): Matrix => {
    const out = matrix(block.rows, classes.length)
    for (const member of members) {
      member(block).data.forEach((value, i) => (out.data[i]! += value / members.length))
    }
    return out
  }
  return classifier(estimator, classes, proba)
}

type Calibrator = (score: number) => number

function calibrated(
  member: Attributes,
  classes: readonly Cell[],
  build: Build,
): (block: Block) => Matrix {
  const model = build.compile(member.get('estimator', 'base_estimator'))
  const calibrators = member.list('calibrators', 'calibrators_').map(readCalibrator)
  const places = placesOf(model, classes)
  return (block) => {
    const scores = scoresOf(model, block)
    const out = matrix(block.rows, classes.length)
    calibrators.forEach((calibrate, i) => {
      const k = classes.length === 2 ? 1 : places[i]!
      for (let r = 0; r < block.rows; r++) {
        out.data[r * classes.length + k] = calibrate(scores.data[r * scores.columns + i]!)
      }
    })
    return finish(out)
  }
}

/** Decisions where the model has them, else probabilities; of two classes the second's. */
function scoresOf(model: Fitted, block: Block): Matrix {
  if (model.decision !== undefined) return model.decision(block)
  if (model.proba === undefined)
    throw problem('model_unsupported', `${model.name} gives no scores.`)
  const p = model.proba(block)
  if (p.columns !== 2) return p
  return matrix(
    p.rows,
    1,
    p.data.filter((_, i) => i % 2 === 1),
  )
}

function placesOf(model: Fitted, classes: readonly Cell[]): number[] {
  const keys = classes.map(keyOf)
  return (model.classes ?? []).map((label) => keys.indexOf(keyOf(label)))
}

function finish(p: Matrix): Matrix {
  if (p.columns === 2) {
    for (let r = 0; r < p.rows; r++) p.data[2 * r] = 1 - p.data[2 * r + 1]!
  } else {
    normalizeRows(p)
  }
  p.data.forEach((value, i) => {
    if (value > 1 && value <= 1 + 1e-5) p.data[i] = 1
  })
  return p
}

function readCalibrator(value: Pickled): Calibrator {
  if (!isConstructed(value)) throw problem('model_invalid', 'A calibrator is missing.')
  const attributes = new Attributes(value)
  if (attributes.name === '_SigmoidCalibration') return sigmoidCalibrator(attributes)
  if (attributes.name === 'IsotonicRegression') return isotonicCalibrator(attributes)
  throw unsupported(attributes, 'as a calibrator')
}

function sigmoidCalibrator(attributes: Attributes): Calibrator {
  const [a, b] = [attributes.number('a_'), attributes.number('b_')]
  return (score) => 1 / (1 + Math.exp(a * score + b))
}

/** Linear between the fitted thresholds, constant outside: the regression clips. */
function isotonicCalibrator(attributes: Attributes): Calibrator {
  const x = attributes.numbers('X_thresholds_', '_necessary_X_')
  const y = attributes.numbers('y_thresholds_', '_necessary_y_')
  const bounds = attributes.text('out_of_bounds', 'nan')
  return (score) => {
    const [low, high] = [x[0]!, x.at(-1)!]
    if ((score < low || score > high) && bounds !== 'clip') return Number.NaN
    const clipped = Math.min(high, Math.max(low, score))
    let after = 1
    while (after < x.length - 1 && x[after]! < clipped) after++
    if (x.length === 1) return y[0]!
    const [x0, x1, y0, y1] = [x[after - 1]!, x[after]!, y[after - 1]!, y[after]!]
    return y0 + ((y1 - y0) / (x1 - x0)) * (clipped - x0)
  }
}
