import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { keyOf } from '../frames/cell.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { unsupported, type Attributes } from './attributes.ts'
import type { Build, Compiler, Fitted } from './fitted.ts'
import { classOfDecision, softmaxRows } from './linear-algebra.ts'

/** Weighted votes of weak models, by their probabilities (SAMME.R) or their classes (SAMME). */
export const adaBoostClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const parts = partsOf(estimator, build)
  const isReal = estimator.text('algorithm', 'SAMME') === 'SAMME.R'
  const votes = isReal ? realVotes(classes.length) : classVotes(estimator, classes)
  const scores = (block: Block): Matrix => {
    if (block.kind !== 'sparse') toMatrix(block)
    const out = matrix(block.rows, classes.length)
    for (const part of parts) votes(out, part.model, part.weight, block)
    const total = parts.reduce((sum, part) => sum + part.weight, 0)
    for (let i = 0; i < out.data.length; i++) out.data[i]! /= total
    return out
  }
  const decision = (block: Block): Matrix => {
    const s = scores(block)
    if (classes.length > 2) return s
    const out = matrix(s.rows, 1)
    for (let r = 0; r < s.rows; r++) out.data[r] = s.data[2 * r + 1]! - s.data[2 * r]!
    return out
  }
  return {
    name: estimator.name,
    classes,
    decision,
    proba: (block) => probabilities(decision(block), classes.length),
    predict: (block) => classOfDecision(decision(block)),
    ...importancesOf(parts),
    sizes: { estimators: parts.length },
  }
}

/** The weighted median of the models' answers. */
export const adaBoostRegressor: Compiler = (estimator, build) => {
  const parts = partsOf(estimator, build)
  return {
    name: estimator.name,
    predict: (block) => {
      const answers = parts.map((part) => part.model.predict!(block))
      return Float64Array.from({ length: block.rows }, (_, r) =>
        weightedMedian(
          answers.map((answer) => answer[r]!),
          parts.map((part) => part.weight),
        ),
      )
    },
    ...importancesOf(parts),
    sizes: { estimators: parts.length },
  }
}

/** The weighted mean of the models' own. */
function importancesOf(parts: readonly Part[]): Pick<Fitted, 'importances'> {
  if (parts.some(({ model }) => model.importances === undefined)) return {}
  return {
    importances: () => {
      const rows = parts.map(({ model }) => model.importances!())
      const total = parts.reduce((sum, part) => sum + part.weight, 0)
      return rows[0]!.map(
        (_, c) => rows.reduce((sum, row, i) => sum + parts[i]!.weight * row[c]!, 0) / total,
      )
    },
  }
}

type Part = Readonly<{ model: Fitted; weight: number }>

function partsOf(estimator: Attributes, build: Build): Part[] {
  const weights = estimator.numbers('estimator_weights_')
  return estimator.list('estimators_').map((value, i) => {
    const model = build.compile(value)
    if (model.predict === undefined) throw unsupported(estimator, `of ${model.name}`)
    return { model, weight: weights[i] ?? 0 }
  })
}

type Votes = (out: Matrix, model: Fitted, weight: number, block: Block) => void

const realVotes =
  (size: number): Votes =>
  ({ data }, model, _weight, block) => {
    const logs = model.proba!(block).data.slice()
    for (let k = 0; k < size; k++) takeLogs(logs, k, size)
    for (let at = 0; at < data.length; at += size) {
      let sum = 0
      for (let k = 0; k < size; k++) sum += logs[at + k]!
      const mean = sum / size
      for (let k = 0; k < size; k++) data[at + k]! += (size - 1) * (logs[at + k]! - mean)
    }
  }

/**
 * Logarithms of a column, in place. The usual part is a tree of two leaves, so its column has two
 * values: they are remembered, regardless of their order.
 */
function takeLogs(data: Float64Array, column: number, columns: number): void {
  let [p1, log1, p2, log2] = [NaN, 0, NaN, 0]
  for (let at = column; at < data.length; at += columns) {
    const p = data[at]!
    if (p !== p1) {
      ;[p2, log2, p1, log1] = [p1, log1, p, p === p2 ? log2 : Math.log(Math.max(p, Number.EPSILON))]
    }
    data[at] = log1
  }
}

/** Since 1.3 the classes that were not chosen lose what the chosen one gains. */
function classVotes(estimator: Attributes, classes: readonly unknown[]): Votes {
  const size = classes.length
  const share = estimator.isAtLeast(1, 3) ? -1 / (size - 1) : 0
  return (out, model, weight, block) => {
    model.predict!(block).forEach((index, r) => {
      const chosen = keyOf(model.classes![index]!)
      classes.forEach((label, k) => {
        out.data[r * size + k]! += weight * (keyOf(label as never) === chosen ? 1 : share)
      })
    })
  }
}

function probabilities(decision: Matrix, size: number): Matrix {
  if (size > 2) {
    for (let i = 0; i < decision.data.length; i++) decision.data[i]! /= size - 1
    return softmaxRows(decision)
  }
  const out = matrix(decision.rows, 2)
  decision.data.forEach((d, r) => {
    out.data[2 * r] = -d / 2
    out.data[2 * r + 1] = d / 2
  })
  return softmaxRows(out)
}

function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const order = [...values.keys()].toSorted((a, b) => values[a]! - values[b]!)
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2
  let sum = 0
  for (const i of order) {
    sum += weights[i]!
    if (sum >= half) return values[i]!
  }
  return values[order.at(-1)!]!
}
