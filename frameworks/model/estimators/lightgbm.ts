import type { Block, Matrix } from '../frames/block.ts'
import { matrix } from '../frames/block.ts'
import { keyOf, type Cell } from '../frames/cell.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { columnCells } from '../frames/to-objects.ts'
import { readLabels } from '../pandas/labels.ts'
import { isConstructed } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Compiler } from './fitted.ts'
import { bothClasses, mapInPlace, requireWidth, sigmoid, softmaxRows } from './linear-algebra.ts'

/** LGBMClassifier: the trees of LightGBM's own text, which its pickle holds. */
export const lgbmClassifier: Compiler = (estimator) => {
  const model = readModel(estimator)
  const classes = classesOf(estimator)
  const link = LINKS[model.objective]
  const isBinary = classes.length === 2 && model.groups === 1
  if (link === undefined || !(isBinary || model.groups === classes.length)) {
    throw unsupported(estimator, `with the objective ${model.objective}`)
  }
  const proba = (block: Block): Matrix => {
    const said = link(rawScores(model, block), model)
    return isBinary ? bothClasses(said) : said
  }
  return classifier(estimator, classes, proba, facts(model))
}

/** LGBMRegressor, LGBMRanker, and a Booster as it is: the number that LightGBM predicts. */
export const lgbmRegressor: Compiler = (estimator) => {
  const model = readModel(estimator)
  const link = LINKS[model.objective]
  if (link === undefined || model.groups !== 1) {
    throw unsupported(estimator, `with the objective ${model.objective} or several outputs`)
  }
  return {
    name: estimator.name,
    predict: (block) => link(rawScores(model, block), model).data,
    ...facts(model),
  }
}

/** Names of the columns as LightGBM keeps them; undefined if it made them up. */
export function lightgbmNames(estimator: Attributes): string[] | undefined {
  const names = fieldsOf(modelText(estimator)).get('feature_names')?.split(' ')
  return names?.every((name, i) => name === `Column_${i}`) === true ? undefined : names
}

type Model = Readonly<{
  objective: string
  /** Of a sigmoid. */
  slope: number
  /** Whether a regression was trained on square roots. */
  isRooted: boolean
  /** Trees of one round: one, or as many as classes. */
  groups: number
  width: number
  trees: readonly Tree[]
  /** A random forest: the mean in place of the sum. */
  isMean: boolean
  /** By position, what each code of a category of pandas stands for. */
  categories: ReadonlyMap<number, ReadonlyMap<Cell, number>>
}>

/** Nodes as LightGBM writes them; a child below zero is leaf `-child - 1`. */
type Tree = Readonly<{
  feature: Int32Array
  threshold: Float64Array
  decision: Int32Array
  left: Int32Array
  right: Int32Array
  leaf: Float64Array
  /** Of categories that go left: where the bits of a node's set begin, and the bits. */
  bounds: Int32Array
  bits: Uint32Array
}>

/** From the raw score to what `predict` gives, in place. @see LightGBM's src/objective */
const LINKS: Readonly<Record<string, (raw: Matrix, model: Model) => Matrix>> = {
  binary: (raw, { slope }) => mapInPlace(raw, (value) => sigmoid(slope * value)),
  multiclassova: (raw, { slope }) => mapInPlace(raw, (value) => sigmoid(slope * value)),
  multiclass: (raw) => softmaxRows(raw),
  cross_entropy: (raw) => mapInPlace(raw, sigmoid),
  poisson: (raw) => mapInPlace(raw, Math.exp),
  gamma: (raw) => mapInPlace(raw, Math.exp),
  tweedie: (raw) => mapInPlace(raw, Math.exp),
  regression: (raw, { isRooted }) =>
    isRooted ? mapInPlace(raw, (value) => Math.sign(value) * value * value) : raw,
  ...Object.fromEntries(
    ['regression_l1', 'huber', 'fair', 'quantile', 'mape', 'lambdarank', 'rank_xendcg'].map(
      (name) => [name, (raw: Matrix) => raw],
    ),
  ),
}

const facts = ({ trees }: Model) => ({
  sizes: { trees: trees.length, leaves: trees.reduce((sum, { leaf }) => sum + leaf.length, 0) },
})

function classesOf(estimator: Attributes): Cell[] {
  const encoder = estimator.get('_le')
  if (isConstructed(encoder) && new Attributes(encoder).has('classes_')) {
    return new Attributes(encoder).labels('classes_')
  }
  return estimator.labels(estimator.has('_classes') ? '_classes' : 'classes_')
}

function boosterOf(estimator: Attributes): Attributes {
  const booster = estimator.get('_Booster')
  return isConstructed(booster) ? new Attributes(booster) : estimator
}

const modelText = (estimator: Attributes): string => {
  const booster = boosterOf(estimator)
  return booster.has('_handle') ? booster.text('_handle') : booster.text('handle')
}

function readModel(estimator: Attributes): Model {
  const booster = boosterOf(estimator)
  const [head = '', ...sections] = modelText(estimator).split(/^Tree=\d+$/m)
  const header = fieldsOf(head)
  const [objective = '', ...options] = (header.get('objective') ?? 'regression').split(' ')
  const groups = Number(header.get('num_tree_per_iteration') ?? 1)
  const rounds = booster.number('best_iteration', 0)
  const trees = sections.map((section) => readTree(estimator, fieldsOf(section)))
  return {
    objective,
    slope: Number(options.find((option) => option.startsWith('sigmoid:'))?.slice(8) ?? 1),
    isRooted: options.includes('sqrt'),
    groups,
    width: Number(header.get('max_feature_idx')) + 1,
    // Early stopping: the later rounds are kept in the file, and not used.
    trees: rounds > 0 ? trees.slice(0, rounds * groups) : trees,
    isMean: /^average_output$/m.test(head),
    categories: categoriesOf(booster, header.get('feature_infos') ?? ''),
  }
}

/** Lines `name=value` up to the first that is none of the model's. */
function fieldsOf(text: string): Map<string, string> {
  const [own = ''] = text.split(/^(?:end of trees|feature_importances:|parameters:)/m)
  return new Map(
    own.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
    }),
  )
}

function readTree(estimator: Attributes, fields: ReadonlyMap<string, string>): Tree {
  const numbers = (name: string): number[] => {
    const text = fields.get(name) ?? ''
    return text === '' ? [] : text.split(' ').map(Number)
  }
  if (fields.get('is_linear') === '1') throw unsupported(estimator, 'with linear trees')
  const leaf = Float64Array.from(numbers('leaf_value'))
  const tree = {
    feature: Int32Array.from(numbers('split_feature')),
    threshold: Float64Array.from(numbers('threshold')),
    decision: Int32Array.from(numbers('decision_type')),
    left: Int32Array.from(numbers('left_child')),
    right: Int32Array.from(numbers('right_child')),
    leaf,
    bounds: Int32Array.from(numbers('cat_boundaries')),
    bits: Uint32Array.from(numbers('cat_threshold')),
  }
  const nodes = leaf.length - 1
  const isWhole = [tree.feature, tree.threshold, tree.decision, tree.left, tree.right].every(
    (list) => list.length === nodes,
  )
  const isSafe = (child: number, at: number): boolean =>
    child < 0 ? -child <= leaf.length : child > at && child < nodes
  if (leaf.length === 0 || !isWhole || !tree.left.every(isSafe) || !tree.right.every(isSafe)) {
    throw estimator.missing('_Booster')
  }
  return tree
}

/** `pandas_categorical` lists the categories of each such column, in their order. */
function categoriesOf(booster: Attributes, infos: string): Model['categories'] {
  const lists = booster.has('pandas_categorical') ? booster.list('pandas_categorical') : []
  const positions = infos
    .split(' ')
    .flatMap((info, i) => (/^-?\d+(:-?\d+)*$/.test(info) ? [i] : []))
  return new Map(
    positions.flatMap((position, i): [number, ReadonlyMap<Cell, number>][] => {
      const list = lists[i]
      if (list === undefined) return []
      const labels = readLabels(list).map((label) => keyOf(plain(label)))
      return [[position, new Map(labels.map((label, code) => [label, code]))]]
    }),
  )
}

const plain = (label: unknown): Cell =>
  typeof label === 'number' || typeof label === 'boolean' ? label : String(label)

/** Rows × groups: the sums of the leaves. */
function rawScores(model: Model, block: Block): Matrix {
  const { groups, trees, isMean } = model
  requireWidth(block, model.width, 'LightGBM')
  const x = inputOf(model, block)
  const out = matrix(x.rows, groups)
  for (let r = 0; r < x.rows; r++) {
    const row = x.data.subarray(r * x.columns, (r + 1) * x.columns)
    trees.forEach((tree, t) => (out.data[r * groups + (t % groups)]! += leafOf(tree, row)))
  }
  return isMean ? mapInPlace(out, (value) => value / (trees.length / groups)) : out
}

/** The numbers of a block, categories of pandas as their codes; other values are missing. */
function inputOf({ categories }: Model, block: Block): Matrix {
  if (categories.size === 0) return toMatrix(block, 'any')
  const width = block.kind === 'frame' ? block.columns.length : toMatrix(block, 'any').columns
  const out = matrix(block.rows, width)
  for (let c = 0; c < width; c++) {
    const codes = categories.get(c)
    columnCells(block, c).forEach((cell, r) => {
      out.data[r * width + c] =
        codes === undefined ? Number(cell ?? NaN) : (codes.get(keyOf(cell)) ?? NaN)
    })
  }
  return out
}

const IS_CATEGORY = 1
const DEFAULT_LEFT = 2
const ZERO_IS_MISSING = 1
const NAN_IS_MISSING = 2
/** LightGBM takes what is closer to zero for zero. */
const ZERO_MAX = 1e-35

/** @see LightGBM's `Tree::NumericalDecision` and `CategoricalDecision` */
function leafOf(tree: Tree, row: Float64Array): number {
  let node = tree.leaf.length === 1 ? -1 : 0
  while (node >= 0) {
    const decision = tree.decision[node]!
    const value = row[tree.feature[node]!]!
    const isLeft =
      (decision & IS_CATEGORY) === 0
        ? goesLeft(value, tree.threshold[node]!, decision)
        : isInSet(tree, tree.threshold[node]!, value)
    node = isLeft ? tree.left[node]! : tree.right[node]!
  }
  return tree.leaf[-node - 1]!
}

function goesLeft(given: number, threshold: number, decision: number): boolean {
  const missing = (decision >> 2) & 3
  const value = Number.isNaN(given) && missing !== NAN_IS_MISSING ? 0 : given
  const isMissing =
    (missing === ZERO_IS_MISSING && Math.abs(value) <= ZERO_MAX) ||
    (missing === NAN_IS_MISSING && Number.isNaN(value))
  return isMissing ? (decision & DEFAULT_LEFT) !== 0 : value <= threshold
}

function isInSet({ bounds, bits }: Tree, set: number, value: number): boolean {
  const code = Math.trunc(value)
  if (!(code >= 0)) return false
  const word = bounds[set]! + (code >> 5)
  return word < bounds[set + 1]! && ((bits[word]! >>> (code & 31)) & 1) === 1
}
