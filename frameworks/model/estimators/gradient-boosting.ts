import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { isConstructed } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Build, Compiler } from './fitted.ts'
import { bothClasses, mapInPlace, requireWidth, sigmoid, softmaxRows } from './linear-algebra.ts'
import { leafOf, readTree, toSingle, type Tree } from './tree-nodes.ts'
import { summedImportances } from './trees.ts'

/** Regression trees whose leaves add up to log-odds, from a constant or an own first model. */
export const gradientBoostingClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const isExponential = estimator.text('loss', 'deviance') === 'exponential'
  const raw = rawScores(estimator, build, classes.length > 2 ? classes.length : 1)
  const proba = (block: Block): Matrix => {
    const scores = raw.score(block)
    if (classes.length > 2) return softmaxRows(scores)
    return bothClasses(mapInPlace(scores, (f) => sigmoid(isExponential ? 2 * f : f)))
  }
  return classifier(estimator, classes, proba, {
    decision: raw.score,
    importances: () => summedImportances(raw.trees),
    sizes: { trees: raw.trees.length },
  })
}

export const gradientBoostingRegressor: Compiler = (estimator, build) => {
  const raw = rawScores(estimator, build, 1)
  return {
    name: estimator.name,
    predict: (block) => raw.score(block).data,
    importances: () => summedImportances(raw.trees),
    sizes: { trees: raw.trees.length },
  }
}

type RawScores = Readonly<{ score: (block: Block) => Matrix; trees: readonly Tree[] }>

function rawScores(estimator: Attributes, build: Build, outputs: number): RawScores {
  const trees = estimator.list('estimators_').map((tree) => {
    if (!isConstructed(tree)) throw estimator.missing('estimators_')
    return readTree(new Attributes(tree).get('tree_'))
  })
  if (trees.length === 0 || trees.length % outputs !== 0) throw estimator.missing('estimators_')
  const rate = estimator.number('learning_rate')
  const start = startOf(estimator, build, outputs)
  const score = (block: Block): Matrix => {
    requireWidth(block, trees[0]!.features, estimator.name)
    const x = toSingle(block, false)
    const out = start(x)
    trees.forEach((tree, t) => {
      const k = t % outputs
      for (let r = 0; r < x.rows; r++) {
        out.data[r * outputs + k]! += rate * tree.values[leafOf(tree, x.data, r * x.columns)]!
      }
    })
    return out
  }
  return { score, trees }
}

type Start = (block: Block) => Matrix

/** The scores before the first tree: zero, a constant of the training data, or a model's. */
function startOf(estimator: Attributes, build: Build, outputs: number): Start {
  const init = estimator.get('init_')
  if (init === 'zero') return (block) => matrix(block.rows, outputs)
  if (!isConstructed(init)) throw estimator.missing('init_')
  const old = constantOfOldStart(new Attributes(init))
  if (old !== undefined) return (block) => repeated(old, block.rows)
  const model = build.compile(init)
  if (estimator.name === 'GradientBoostingRegressor') {
    return (block) => matrix(block.rows, 1, model.predict!(block).slice())
  }
  const proba = model.proba
  if (proba === undefined) throw unsupported(estimator, `with an init of ${model.name}`)
  const isCentred = estimator.isAtLeast(1, 4)
  const half = estimator.text('loss', 'deviance') === 'exponential' ? 0.5 : 1
  return (block) => (outputs > 1 ? logShares(proba(block), isCentred) : logOdds(proba(block), half))
}

/** Before 0.21 the start was its own class with one number or a row of them. */
function constantOfOldStart(init: Attributes): Float64Array | undefined {
  const name = ['prior', 'priors', 'mean', 'quantile'].find((candidate) => init.has(candidate))
  if (name === undefined) return undefined
  return init.name.endsWith('Estimator') ? init.numbers(name) : undefined
}

function repeated(values: Float64Array, rows: number): Matrix {
  const out = matrix(rows, values.length)
  for (let r = 0; r < rows; r++) out.data.set(values, r * values.length)
  return out
}

const SINGLE_EPSILON = 2 ** -23

const clip = (value: number): number =>
  Math.min(1 - SINGLE_EPSILON, Math.max(SINGLE_EPSILON, value))

/** Since 1.4 less their mean, which shows where decisions and not probabilities are asked for. */
function logShares(p: Matrix, isCentred: boolean): Matrix {
  const out = matrix(
    p.rows,
    p.columns,
    p.data.map((value) => Math.log(clip(value))),
  )
  for (let r = 0; isCentred && r < p.rows; r++) {
    const row = out.data.subarray(r * p.columns, (r + 1) * p.columns)
    const mean = row.reduce((sum, value) => sum + value, 0) / p.columns
    row.forEach((value, k) => (row[k] = value - mean))
  }
  return out
}

function logOdds(p: Matrix, half: number): Matrix {
  const out = matrix(p.rows, 1)
  for (let r = 0; r < p.rows; r++) {
    const second = clip(p.data[r * p.columns + 1]!)
    out.data[r] = half * Math.log(second / (1 - second))
  }
  return out
}
