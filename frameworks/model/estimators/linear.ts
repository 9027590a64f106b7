import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { isConstructed } from '../pickled.ts'
import {
  applyAffine,
  bothClasses,
  classOfDecision,
  mapInPlace,
  normalizeRows,
  sigmoid,
  softmaxRows,
  type Affine,
} from './linear-algebra.ts'

/** LogisticRegression and its CV: sigmoid, softmax, or one against the rest. */
export const logisticRegression: Compiler = (estimator) => {
  const base = readLinear(estimator)
  return { ...base, proba: (block) => probabilities(estimator, base)(base.decision(block)) }
}

/** SGDClassifier: only two of its losses give probabilities. */
export const sgdClassifier: Compiler = (estimator) => {
  const base = readLinear(estimator)
  const loss = estimator.text('loss', 'hinge')
  if (loss === 'log' || loss === 'log_loss') {
    return { ...base, proba: (block) => oneAgainstRest(estimator, base.decision(block)) }
  }
  if (loss === 'modified_huber') {
    return { ...base, proba: (block) => modifiedHuber(base.decision(block)) }
  }
  return base
}

/** LinearSVC, Perceptron, RidgeClassifier: a class, no probability. */
export const linearClassifier: Compiler = (estimator) => readLinear(estimator)

/** LinearDiscriminantAnalysis. */
export const linearDiscriminantAnalysis: Compiler = (estimator) => {
  const base = readLinear(estimator)
  const isSoftmax = estimator.isAtLeast(0, 22)
  return {
    ...base,
    proba: (block) => {
      const decision = base.decision(block)
      return isSoftmax && decision.columns > 1
        ? softmaxRows(decision)
        : oneAgainstRest(estimator, decision)
    },
    ...(estimator.has('scalings_') ? { transform: projection(estimator) } : {}),
  }
}

/** The observation along the directions that tell the classes apart best. */
function projection(estimator: Attributes): (block: Block) => Matrix {
  const { rows, columns, data } = estimator.rows('scalings_')
  const kept = Math.min(columns, estimator.number('_max_components', columns))
  const coef = Float64Array.from(
    { length: kept * rows },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
  )
  const center = estimator.numbersOrNone('xbar_')
  const intercept = Float64Array.from({ length: kept }, (_, k) =>
    center === undefined
      ? 0
      : -center.reduce((sum, mean, c) => sum + mean * coef[k * rows + c]!, 0),
  )
  const map: Affine = { outputs: kept, inputs: rows, coef, intercept }
  return (block) => applyAffine(block, map, estimator.name)
}

/** Linear models of a number, with the identity or, for counts and amounts, the log link. */
export const linearRegressor: Compiler = (estimator) => {
  const map = readAffine(estimator)
  if (map.outputs !== 1) throw unsupported(estimator, 'with several outputs')
  const isLog = hasLogLink(estimator)
  return {
    name: estimator.name,
    predict: (block) => {
      const { data } = applyAffine(block, map, estimator.name)
      return isLog ? data.map((value) => Math.exp(value)) : data
    },
  }
}

function hasLogLink(estimator: Attributes): boolean {
  if (estimator.name === 'PoissonRegressor' || estimator.name === 'GammaRegressor') return true
  if (estimator.name !== 'TweedieRegressor') return false
  const link = estimator.text('link', 'auto')
  return link === 'auto' ? estimator.number('power', 0) > 0 : link === 'log'
}

type LinearClassifier = Fitted & { decision: (block: Block) => Matrix }

function readLinear(estimator: Attributes): LinearClassifier {
  const map = readAffine(estimator)
  const decision = (block: Block): Matrix => applyAffine(block, map, estimator.name)
  const classes = classesOf(estimator)
  if (map.outputs !== (classes.length === 2 ? 1 : classes.length)) {
    throw unsupported(estimator, `with ${map.outputs} outputs for ${classes.length} classes`)
  }
  return {
    name: estimator.name,
    classes,
    decision,
    predict: (block) => classOfDecision(decision(block)),
  }
}

/** RidgeClassifier keeps its classes in the binarizer of its labels. */
function classesOf(estimator: Attributes): ReturnType<Attributes['classes']> {
  const binarizer = estimator.get('_label_binarizer')
  if (estimator.has('classes_') || !isConstructed(binarizer)) return estimator.classes()
  return new Attributes(binarizer).classes()
}

function readAffine(estimator: Attributes): Affine {
  const { rows, columns, data } = estimator.rows('coef_')
  const intercept = estimator.numbers('intercept_')
  if (intercept.length !== rows && intercept.length !== 1) throw estimator.missing('intercept_')
  return {
    outputs: rows,
    inputs: columns,
    coef: data,
    intercept: intercept.length === rows ? intercept : new Float64Array(rows).fill(intercept[0]!),
  }
}

function probabilities(estimator: Attributes, base: Fitted): (decision: Matrix) => Matrix {
  const isMany = (base.classes?.length ?? 0) > 2
  const multi = estimator.text('multi_class', isMany ? 'auto' : 'ovr')
  const isOneAgainstRest =
    multi === 'ovr' ||
    multi === 'warn' ||
    ((multi === 'auto' || multi === 'deprecated') &&
      (!isMany || estimator.get('solver') === 'liblinear'))
  if (isOneAgainstRest || (!isMany && !estimator.isAtLeast(0, 20))) {
    return (decision) => oneAgainstRest(estimator, decision)
  }
  return (decision) => softmaxRows(isMany ? decision : bothSides(decision))
}

/** Binary multinomial models take the softmax of (-d, d). */
function bothSides(decision: Matrix): Matrix {
  const out = matrix(decision.rows, 2)
  decision.data.forEach((d, r) => {
    out.data[2 * r] = -d
    out.data[2 * r + 1] = d
  })
  return out
}

function oneAgainstRest(estimator: Attributes, decision: Matrix): Matrix {
  const p = mapInPlace(decision, sigmoid)
  if (p.columns === 1) return bothClasses(p)
  // Before 1.9 nothing guarded the division of zeros: there is no answer.
  return estimator.isAtLeast(1, 9) ? normalizeRows(p) : normalizeRows(p, Number.NaN)
}

function modifiedHuber(decision: Matrix): Matrix {
  const p = mapInPlace(decision, (d) => (Math.min(1, Math.max(-1, d)) + 1) / 2)
  return p.columns === 1 ? bothClasses(p) : normalizeRows(p)
}
