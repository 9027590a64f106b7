import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { pick } from '../frames/pick.ts'
import { numbersOfList, unsupported, type Attributes } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Build, Compiler, Fitted } from './fitted.ts'
import { argmaxRows } from './linear-algebra.ts'

/** BaggingClassifier: the mean of models that may each see some columns and some classes only. */
export const baggingClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const parts = baggedParts(estimator, build)
  const proba = (block: Block): Matrix => {
    const out = matrix(block.rows, classes.length)
    for (const part of parts) addShares(out, part.model, part.view(block))
    for (let i = 0; i < out.data.length; i++) out.data[i]! /= parts.length
    return out
  }
  return classifier(estimator, classes, proba, {
    ...(parts.every(({ model }) => model.decision !== undefined)
      ? { decision: (block: Block) => meanDecision(parts, block) }
      : {}),
    sizes: { estimators: parts.length },
  })
}

function meanDecision(parts: readonly BaggedPart[], block: Block): Matrix {
  const decisions = parts.map((part) => part.model.decision!(part.view(block)))
  const mean = meanOf(
    decisions.map(({ data }) => data),
    parts.map(() => 1),
  )
  return matrix(block.rows, decisions[0]!.columns, mean)
}

export const baggingRegressor: Compiler = (estimator, build) => {
  const parts = baggedParts(estimator, build)
  return {
    name: estimator.name,
    predict: (block) =>
      meanOf(
        parts.map((part) => part.model.predict!(part.view(block))),
        parts.map(() => 1),
      ),
    sizes: { estimators: parts.length },
  }
}

/** VotingClassifier: weighted mean of probabilities, or weighted majority of classes. */
export const votingClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const models = estimator.list('estimators_').map((value) => build.compile(value))
  const weights = votingWeights(estimator, models.length)
  const isSoft = estimator.text('voting', 'hard') === 'soft'
  const shares = (block: Block): Matrix => {
    const out = matrix(block.rows, classes.length)
    models.forEach((model, m) => {
      const p = isSoft ? probaOf(estimator, model, block) : hardVotes(model, block, classes.length)
      p.data.forEach((value, i) => (out.data[i]! += weights[m]! * value))
    })
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    for (let i = 0; i < out.data.length; i++) out.data[i]! /= total
    return out
  }
  return {
    name: estimator.name,
    classes,
    ...(isSoft ? { proba: shares } : {}),
    predict: (block) => argmaxRows(shares(block)),
    parts: models,
  }
}

export const votingRegressor: Compiler = (estimator, build) => {
  const models = estimator.list('estimators_').map((value) => build.compile(value))
  const weights = votingWeights(estimator, models.length)
  return {
    name: estimator.name,
    predict: (block) =>
      meanOf(
        models.map((model) => model.predict!(block)),
        weights,
      ),
    parts: models,
  }
}

type BaggedPart = Readonly<{ model: Fitted; view: (block: Block) => Block }>

function baggedParts(estimator: Attributes, build: Build): BaggedPart[] {
  const columns = estimator.list('estimators_features_')
  const width = estimator.number('n_features_in_', -1)
  return estimator.list('estimators_').map((value, i) => {
    const positions = [...numbersOfList(columns[i] ?? [])]
    const isWhole = positions.length === width && positions.every((position, c) => position === c)
    return {
      model: build.compile(value),
      view: isWhole ? (block) => block : (block) => pick(block, positions),
    }
  })
}

/** A model's classes are indices into ours. */
function addShares(out: Matrix, model: Fitted, block: Block): void {
  const places = model.classes?.map(Number) ?? []
  const p = model.proba?.(block) ?? hardVotes(model, block, undefined)
  for (let r = 0; r < out.rows; r++) {
    for (let k = 0; k < p.columns; k++) {
      out.data[r * out.columns + (places[k] ?? k)]! += p.data[r * p.columns + k]!
    }
  }
}

/** One for the class that a model names; with `width`, in the place that its class number says. */
function hardVotes(model: Fitted, block: Block, width: number | undefined): Matrix {
  const out = matrix(block.rows, width ?? model.classes?.length ?? 0)
  model.predict!(block).forEach((index, r) => {
    const place = width === undefined ? index : Number(model.classes?.[index] ?? index)
    out.data[r * out.columns + place] = 1
  })
  return out
}

function probaOf(estimator: Attributes, model: Fitted, block: Block): Matrix {
  if (model.proba === undefined)
    throw unsupported(estimator, `of ${model.name}, which gives no probability,`)
  return model.proba(block)
}

/** Weights are given for all models; those that were dropped count no more. */
function votingWeights(estimator: Attributes, count: number): number[] {
  const weights = estimator.numbersOrNone('weights')
  if (weights === undefined) return Array.from({ length: count }, () => 1)
  const isKept = estimator.list('estimators').map((pair) => {
    const model = Array.isArray(pair) ? pair[1] : null
    return model !== 'drop' && model !== null
  })
  return [...weights].filter((_, i) => isKept[i])
}

function meanOf(answers: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const out = new Float64Array(answers[0]?.length ?? 0)
  answers.forEach((answer, m) => answer.forEach((value, r) => (out[r]! += weights[m]! * value)))
  return out.map((value) => value / total)
}
