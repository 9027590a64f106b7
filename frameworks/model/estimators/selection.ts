import { pick } from '../frames/pick.ts'
import { isNaNCell } from '../frames/cell.ts'
import { refusal } from '../frames/refusal.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import type { Block } from '../frames/block.ts'
import { isConstructed, type Pickled } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Build, Compiler, Fitted } from './fitted.ts'
import { requireWidth } from './linear-algebra.ts'

/** Univariate selections: by rank, share, error rate, or whichever mode is set. */
export const selectKBest: Compiler = (estimator) =>
  selector(estimator, univariateMask(estimator), false)

/** Columns that vary more than a threshold. */
export const varianceThreshold: Compiler = (estimator) => {
  const threshold = estimator.number('threshold', 0)
  const mask = Array.from(estimator.numbers('variances_'), (variance) => variance > threshold)
  return selector(estimator, mask, true)
}

/** RFE, RFECV, SequentialFeatureSelector: the mask is in the file. */
export const rfe: Compiler = (estimator) =>
  selector(estimator, [...estimator.numbers('support_')].map(Boolean), acceptsNaN(estimator))

/** SelectFromModel: columns whose weight in a fitted model reaches a threshold. */
export const selectFromModel: Compiler = (estimator, build) => {
  const model = estimator.get('estimator_', 'estimator')
  const weights = importancesOf(estimator, model, build)
  const threshold = thresholdOf(estimator, model, weights)
  const most = estimator.get('max_features_', 'max_features')
  const candidates = typeof most === 'number' ? new Set(largest(weights, most)) : undefined
  const mask = [...weights.keys()].map(
    (c) => weights[c]! >= threshold && (candidates?.has(c) ?? true),
  )
  return selector(estimator, mask, acceptsNaN(estimator))
}

function selector(estimator: Attributes, mask: readonly boolean[], allowsNaN: boolean): Fitted {
  const positions = [...mask.keys()].filter((c) => mask[c])
  return {
    name: estimator.name,
    transform: (block) => {
      requireWidth(block, mask.length, estimator.name)
      refuseMissing(block, allowsNaN)
      return pick(block, positions)
    },
  }
}

function refuseMissing(block: Block, allowsNaN: boolean): void {
  if (block.kind === 'objects') {
    if (!allowsNaN && block.cells.some(isNaNCell)) throw refusal('Input contains NaN.')
  } else if (block.kind !== 'sparse' && block.kind !== 'frame') {
    toMatrix(block, allowsNaN ? 'nan' : 'finite')
  }
}

function univariateMask(estimator: Attributes): boolean[] {
  const mode = MODES[estimator.name] ?? estimator.text('mode')
  const scores = () => estimator.numbers('scores_').map((s) => (Number.isNaN(s) ? -Infinity : s))
  const parameter = (name: string): Pickled | undefined =>
    estimator.name === 'GenericUnivariateSelect' ? estimator.get('param') : estimator.get(name)
  if (mode === 'k_best') {
    const k = parameter('k')
    return k === 'all'
      ? Array.from(scores(), () => true)
      : maskOf(scores(), last(scores(), Number(k)))
  }
  if (mode === 'percentile') return topShare(scores(), Number(parameter('percentile')))
  const p = estimator.numbers('pvalues_')
  const alpha = Number(parameter('alpha'))
  if (mode === 'fpr') return Array.from(p, (value) => value < alpha)
  if (mode === 'fwe') return Array.from(p, (value) => value < alpha / p.length)
  if (mode === 'fdr') return falseDiscovery(p, alpha)
  throw unsupported(estimator, `in mode ${mode}`)
}

const MODES: Readonly<Record<string, string>> = {
  SelectKBest: 'k_best',
  SelectPercentile: 'percentile',
  SelectFpr: 'fpr',
  SelectFdr: 'fdr',
  SelectFwe: 'fwe',
}

const maskOf = (all: Float64Array, chosen: readonly number[]): boolean[] => {
  const set = new Set(chosen)
  return [...all.keys()].map((c) => set.has(c))
}

/** The `k` last of a stable ascending order: of equals the later ones. */
const last = (scores: Float64Array, k: number): number[] =>
  k <= 0 ? [] : [...scores.keys()].toSorted((a, b) => ascending(scores[a]!, scores[b]!)).slice(-k)

const ascending = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)

/** The `k` first of a stable descending order. */
const largest = (weights: Float64Array, k: number): number[] =>
  [...weights.keys()].toSorted((a, b) => ascending(weights[b]!, weights[a]!)).slice(0, k)

function topShare(scores: Float64Array, percentile: number): boolean[] {
  if (percentile === 100) return Array.from(scores, () => true)
  if (percentile === 0) return Array.from(scores, () => false)
  const threshold = quantile(scores, (100 - percentile) / 100)
  const mask = Array.from(scores, (score) => score > threshold)
  const room = Math.trunc((scores.length * percentile) / 100) - mask.filter(Boolean).length
  const ties = [...scores.keys()].filter((c) => scores[c] === threshold)
  for (const c of ties.slice(0, room)) mask[c] = true
  return mask
}

/** NumPy's percentile: linear between the two neighbors. */
function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted()
  const at = share * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return below === above ? below : below + (above - below) * (at - Math.floor(at))
}

function falseDiscovery(p: Float64Array, alpha: number): boolean[] {
  const passing = p.toSorted().filter((value, i) => value <= (alpha / p.length) * (i + 1))
  const limit = passing.at(-1)
  return Array.from(p, (value) => limit !== undefined && value <= limit)
}

function importancesOf(
  estimator: Attributes,
  model: Pickled | undefined,
  build: Build,
): Float64Array {
  const getter = estimator.get('importance_getter')
  if (getter !== undefined && getter !== 'auto')
    throw unsupported(estimator, 'with an importance_getter')
  const importances = build.compile(model).importances
  if (importances !== undefined) return importances()
  const { rows, columns, data } = new Attributes(asMade(estimator, model)).rows('coef_')
  const order = estimator.number('norm_order', 1)
  return Float64Array.from({ length: columns }, (_, c) =>
    norm(
      Array.from({ length: rows }, (_row, r) => data[r * columns + c]!),
      order,
    ),
  )
}

function norm(values: readonly number[], order: number): number {
  if (order === Infinity) return Math.max(...values.map(Math.abs))
  return values.reduce((sum, value) => sum + Math.abs(value) ** order, 0) ** (1 / order)
}

function asMade(estimator: Attributes, model: Pickled | undefined) {
  if (!isConstructed(model)) throw estimator.missing('estimator_')
  return model
}

/** A number, `mean`, `median`, `1.25*mean`; by default the mean, or 1e-5 for sparse models. */
function thresholdOf(
  estimator: Attributes,
  model: Pickled | undefined,
  weights: Float64Array,
): number {
  const given = estimator.get('threshold')
  if (typeof given === 'number') return given
  const rule =
    typeof given === 'string' ? given : isSparseModel(asMade(estimator, model)) ? '1e-5' : 'mean'
  const [factor, reference] = rule.includes('*') ? rule.split('*') : ['1', rule]
  const value = reference?.trim()
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  if (value === 'mean') return Number(factor) * mean
  if (value === 'median') return Number(factor) * quantile(weights, 0.5)
  return Number(rule)
}

function isSparseModel(model: Parameters<typeof nameOf>[0]): boolean {
  const attributes = new Attributes(model)
  return attributes.get('penalty') === 'l1' || attributes.name.startsWith('Lasso')
}

const nameOf = (model: ConstructorParameters<typeof Attributes>[0]): string =>
  new Attributes(model).name

/** A selection passes NaN on if the model inside could take it. */
function acceptsNaN(estimator: Attributes): boolean {
  const model = estimator.get('estimator_', 'estimator')
  return isConstructed(model) && nameOf(model).startsWith('HistGradientBoosting')
}
