import * as z from 'zod'
import { matrix, type Block, type Matrix } from '../frames/block.ts'
import type { Cell } from '../frames/cell.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { numberOf } from '../numpy/array.ts'
import { isConstructed, type Pickled } from '../pickled.ts'
import { problem } from '../problems.ts'
import { Attributes, unsupported } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { bothClasses, mapInPlace, requireWidth, softmaxRows } from './linear-algebra.ts'
import { readUbjson } from './ubjson.ts'

/** XGBClassifier: the trees of the booster inside, in single precision as XGBoost computes. */
export const xgbClassifier: Compiler = (estimator) => {
  const model = readModel(estimator)
  const classes = classesOf(estimator, model)
  const isBinary = classes.length === 2 && model.groups === 1
  if (!isBinary && model.groups !== classes.length) {
    throw unsupported(estimator, `with the objective ${model.objective}`)
  }
  return withSparse(model, (predict) => {
    const proba = (block: Block): Matrix =>
      isBinary ? bothClasses(predict(block)) : predict(block)
    return classifier(estimator, classes, proba, facts(model))
  })
}

/** XGBRegressor, XGBRanker, and a Booster as it is: the number that XGBoost predicts. */
export const xgbRegressor: Compiler = (estimator) => {
  const model = readModel(estimator)
  if (model.groups !== 1) throw unsupported(estimator, 'with several outputs')
  return withSparse(model, (predict) => ({
    name: estimator.name,
    predict: (block) => predict(block).data,
    ...facts(model),
  }))
}

/** What a sparse matrix does not name is missing to XGBoost, and not zero. */
function withSparse(model: Model, build: (predict: (block: Block) => Matrix) => Fitted): Fitted {
  return {
    ...build((block) => predictions(model, block, model.missing)),
    overSparse: build((block) => predictions(model, block, 0)),
  }
}

/** How many columns the booster takes. */
export const xgboostWidth = (estimator: Attributes): number =>
  Number(learnerOf(estimator).learner_model_param.num_feature)

/** Names of the columns that the booster keeps, if it was trained on a frame. */
export function xgboostNames(estimator: Attributes): string[] | undefined {
  const names = learnerOf(estimator).feature_names
  return names === undefined || names.length === 0 ? undefined : names
}

const Numbers = z.array(z.number())
const Tree = z.object({
  default_left: z.array(z.union([z.number(), z.boolean()])),
  left_children: Numbers,
  right_children: Numbers,
  split_conditions: Numbers,
  split_indices: Numbers,
  split_type: Numbers.optional(),
  tree_param: z.object({ size_leaf_vector: z.string().optional() }),
})
const Trees = z.object({
  tree_info: Numbers,
  trees: z.array(Tree),
  iteration_indptr: Numbers.optional(),
})
const GbTree = z.object({ name: z.literal('gbtree'), model: Trees })
const Dart = z.object({
  name: z.literal('dart'),
  gbtree: z.object({ model: Trees }),
  weight_drop: Numbers,
})
const Linear = z.object({ name: z.literal('gblinear'), model: z.object({ weights: Numbers }) })
const Learner = z.object({
  attributes: z.record(z.string(), z.string()).optional(),
  feature_names: z.array(z.string()).optional(),
  gradient_booster: z.discriminatedUnion('name', [GbTree, Dart, Linear]),
  learner_model_param: z.object({
    base_score: z.string(),
    num_class: z.string(),
    num_feature: z.string(),
    num_target: z.string().optional(),
  }),
  objective: z.object({ name: z.string() }),
})
const Handle = z.object({ Model: z.object({ learner: Learner }) })

type Node = Readonly<{
  left: Int32Array
  right: Int32Array
  feature: Int32Array
  /** The threshold of a node, the value of a leaf; singles. */
  value: Float64Array
  isDefaultLeft: Uint8Array
  group: number
  /** Of dart: trees count with different weights. */
  weight: number
}>

type Model = Readonly<{
  objective: string
  groups: number
  width: number
  /** Margin before the first tree, for each group. */
  base: readonly number[]
  trees: readonly Node[]
  /** Of gblinear: width × groups, then a bias for each group. */
  weights: readonly number[] | undefined
  /** A number that stands for a missing value, beside NaN. */
  missing: number
  link: (margin: Matrix) => Matrix
}>

const learners = new WeakMap<Attributes, z.infer<typeof Learner>>()

function learnerOf(estimator: Attributes): z.infer<typeof Learner> {
  const known = learners.get(estimator)
  if (known !== undefined) return known
  const booster = estimator.get('_Booster')
  const owner = isConstructed(booster) ? new Attributes(booster) : estimator
  const bytes = bytesOf(owner.get('handle'))
  if (bytes === undefined) throw estimator.missing('_Booster')
  const result = Handle.safeParse(parse(bytes))
  if (!result.success) {
    const [issue] = result.error.issues
    throw problem(
      'model_unsupported',
      `${estimator.name} of this version of XGBoost is not supported (${issue?.path.join('.')}).`,
      { hint: 'Load it with XGBoost 1.6 or later, and dump it again.' },
    )
  }
  const { learner } = result.data.Model
  learners.set(estimator, learner)
  return learner
}

/** Versions before 1.6 keep JSON, later ones Universal Binary JSON; those before 1.0 neither. */
function parse(bytes: Uint8Array): unknown {
  if (bytes[0] !== BRACE) return undefined
  if (bytes[1] !== QUOTE) return readUbjson(bytes)
  try {
    return JSON.parse(new TextDecoder().decode(bytes.slice()))
  } catch {
    return undefined
  }
}

const BRACE = 0x7b
const QUOTE = 0x22

/** `bytearray(b'…')`, or bytes. */
function bytesOf(value: Pickled | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  return isConstructed(value) ? bytesOf(value.args[0]) : undefined
}

function readModel(estimator: Attributes): Model {
  const learner = learnerOf(estimator)
  const { base_score, num_class, num_feature, num_target = '1' } = learner.learner_model_param
  const objective = learner.objective.name
  const kind = OBJECTIVES.find(([pattern]) => pattern.test(objective))
  if (kind === undefined) throw unsupported(estimator, `with the objective ${objective}`)
  const [, { margin, link }] = kind
  const groups = Math.max(1, Number(num_class), Number(num_target))
  const scores = base_score
    .replaceAll(/[[\]\s]/g, '')
    .split(',')
    .map((text) => margin(Number(text)))
  const booster = learner.gradient_booster
  const missing = estimator.get('missing')
  return {
    objective,
    groups,
    width: Number(num_feature),
    base: Array.from({ length: groups }, (_, g) => Math.fround(scores[g] ?? scores[0] ?? 0)),
    trees: booster.name === 'gblinear' ? [] : treesOf(estimator, learner, booster),
    weights: booster.name === 'gblinear' ? booster.model.weights : undefined,
    missing: missing === undefined || missing === null ? NaN : numberOf(missing),
    link,
  }
}

function treesOf(
  estimator: Attributes,
  learner: z.infer<typeof Learner>,
  booster: z.infer<typeof GbTree> | z.infer<typeof Dart>,
): Node[] {
  const {
    trees,
    tree_info: groups,
    iteration_indptr: starts,
  } = booster.name === 'dart' ? booster.gbtree.model : booster.model
  const best = learner.attributes?.['best_iteration']
  // Early stopping: rounds behind the best are kept in the file, and not used.
  const count = best === undefined ? trees.length : (starts?.[Number(best) + 1] ?? trees.length)
  return trees.slice(0, count).map((tree, t) => {
    if (Number(tree.tree_param.size_leaf_vector ?? 1) > 1) {
      throw unsupported(estimator, 'with trees of several outputs')
    }
    if (tree.split_type?.some((type) => type !== 0) === true) {
      throw unsupported(estimator, 'with categorical splits')
    }
    return nodesOf(estimator, tree, {
      group: groups[t] ?? 0,
      weight: booster.name === 'dart' ? Math.fround(booster.weight_drop[t] ?? 1) : 1,
    })
  })
}

function nodesOf(
  estimator: Attributes,
  tree: z.infer<typeof Tree>,
  own: Pick<Node, 'group' | 'weight'>,
): Node {
  const left = Int32Array.from(tree.left_children)
  const right = Int32Array.from(tree.right_children)
  const isSafe = (child: number, at: number): boolean =>
    child === -1 || (child > at && child < left.length)
  const lists = [tree.right_children, tree.split_conditions, tree.split_indices, tree.default_left]
  const isWhole = left.length > 0 && lists.every(({ length }) => length === left.length)
  if (!isWhole || !left.every(isSafe) || !right.every(isSafe)) throw estimator.missing('_Booster')
  return {
    left,
    right,
    feature: Int32Array.from(tree.split_indices),
    value: Float64Array.from(tree.split_conditions, Math.fround),
    isDefaultLeft: Uint8Array.from(tree.default_left, Number),
    ...own,
  }
}

type Objective = Readonly<{
  /** `base_score` as a margin. */
  margin: (score: number) => number
  link: (margin: Matrix) => Matrix
}>

const same = (value: number): number => value
/** In single precision, as XGBoost does it. */
const sigmoid = (value: number): number => Math.fround(1 / (Math.fround(Math.exp(-value)) + 1))
const logit = (score: number): number => -Math.log(1 / score - 1)
const exponential = (value: number): number => Math.fround(Math.exp(value))

const OBJECTIVES: readonly (readonly [RegExp, Objective])[] = [
  [/^(binary|reg):logistic$/, { margin: logit, link: (x) => mapInPlace(x, sigmoid) }],
  [/^binary:hinge$/, { margin: same, link: (x) => mapInPlace(x, (value) => Number(value > 0)) }],
  [/^multi:soft(prob|max)$/, { margin: same, link: (x) => softmaxRows(x) }],
  [
    /^(count:poisson|reg:(gamma|tweedie)|survival:(cox|aft))$/,
    { margin: Math.log, link: (x) => mapInPlace(x, exponential) },
  ],
  [/^((reg|rank):\w+|binary:logitraw)$/, { margin: same, link: (x) => x }],
]

function classesOf(estimator: Attributes, { groups }: Model): Cell[] {
  const encoder = estimator.get('_le')
  if (isConstructed(encoder) && new Attributes(encoder).has('classes_')) {
    return new Attributes(encoder).labels('classes_')
  }
  if (estimator.has('classes_')) return estimator.labels('classes_')
  return Array.from({ length: estimator.number('n_classes_', Math.max(2, groups)) }, (_, k) => k)
}

const facts = ({ trees }: Model) => ({
  isSingle: true,
  sizes: { trees: trees.length, nodes: trees.reduce((sum, { left }) => sum + left.length, 0) },
})

/** @param missing a number that stands for a missing value, beside NaN */
function predictions(model: Model, block: Block, missing: number): Matrix {
  requireWidth(block, model.width, 'XGBoost')
  const dense = toMatrix(block, 'any')
  const data = dense.data.map((value) => (value === missing ? NaN : Math.fround(value)))
  const x = { ...dense, data }
  return model.link(model.weights === undefined ? treeMargin(model, x) : linearMargin(model, x))
}

function treeMargin({ groups, base, trees }: Model, x: Matrix): Matrix {
  const out = matrix(x.rows, groups)
  for (let r = 0; r < x.rows; r++) {
    for (let g = 0; g < groups; g++) out.data[r * groups + g] = base[g]!
    for (const tree of trees) {
      const at = r * groups + tree.group
      out.data[at] = Math.fround(out.data[at]! + tree.weight * leafOf(tree, x.data, r * x.columns))
    }
  }
  return out
}

function leafOf(
  { left, right, feature, value, isDefaultLeft }: Node,
  x: Float64Array,
  row: number,
): number {
  let node = 0
  while (left[node] !== -1) {
    const given = x[row + feature[node]!]!
    const isLeft = Number.isNaN(given) ? isDefaultLeft[node] === 1 : given < value[node]!
    node = isLeft ? left[node]! : right[node]!
  }
  return value[node]!
}

/** Weights lie input by input, the biases behind them; a missing value adds nothing. */
function linearMargin({ groups, base, weights = [], width }: Model, x: Matrix): Matrix {
  const out = matrix(x.rows, groups)
  for (let r = 0; r < x.rows; r++) {
    for (let g = 0; g < groups; g++) {
      let sum = Math.fround(base[g]! + weights[width * groups + g]!)
      for (let c = 0; c < width; c++) {
        const given = x.data[r * width + c]!
        if (!Number.isNaN(given))
          sum = Math.fround(sum + Math.fround(given * weights[c * groups + g]!))
      }
      out.data[r * groups + g] = sum
    }
  }
  return out
}
