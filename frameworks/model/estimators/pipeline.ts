import type { Block } from '../frames/block.ts'
import { stack } from '../frames/stack.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { mapInPlace } from './linear-algebra.ts'
import { numberOf } from '../numpy/array.ts'
import { toSparse } from '../frames/stack.ts'
import { labelText, type Pickled } from '../pickled.ts'
import { problem } from '../problems.ts'
import { unsupported, type Attributes } from './attributes.ts'
import type { Compiler, Fitted } from './fitted.ts'

/** Pipeline: each step's output is the next one's input; the last one answers. */
export const pipeline: Compiler = (estimator, build) => {
  const steps = namedParts(estimator, 'steps')
    .filter(({ value }) => value !== null && value !== 'passthrough')
    .map(({ value }) => build.compile(value))
  return chain(estimator.name, steps)
}

/** Steps one after the other as one estimator. @throws Problem if one in the middle only predicts */
export function chain(name: string, steps: readonly Fitted[]): Fitted {
  const isSparse = isSparseAfter(steps.slice(0, -1))
  const end = steps.at(-1)
  if (end === undefined) return identity(name)
  const last = isSparse ? (end.overSparse ?? end) : end
  const before = steps.slice(0, -1).map((step) => {
    if (step.transform === undefined)
      throw problem(
        'model_unsupported',
        `${name} with ${step.name} in the middle is not supported.`,
        {
          hint: 'Only steps that transform can stand before another one.',
        },
      )
    return step.transform
  })
  const prepare = (block: Block): Block => before.reduce((x, transform) => transform(x), block)
  const { transform, proba, decision, predict, classes } = last
  return {
    name,
    parts: steps,
    prepare,
    last,
    isSparse: isSparseAfter(steps),
    ...(last.isSingle === true ? { isSingle: true } : {}),
    ...(classes === undefined ? {} : { classes }),
    ...(transform === undefined ? {} : { transform: (block: Block) => transform(prepare(block)) }),
    ...(proba === undefined ? {} : { proba: (block: Block) => proba(prepare(block)) }),
    ...(decision === undefined ? {} : { decision: (block: Block) => decision(prepare(block)) }),
    ...(predict === undefined ? {} : { predict: (block: Block) => predict(prepare(block)) }),
    keepsColumns: steps.every((step) => step.keepsColumns === true),
    knownValues: (position, name) => knownToSteps(steps, position, name),
  }
}

/** A step without the mark, such as a scaler, gives a sparse matrix for a sparse one. */
const isSparseAfter = (steps: readonly Fitted[]): boolean =>
  steps.reduce((isSparse, step) => step.isSparse ?? isSparse, false)

/** The first step that knows the column, as long as the steps before it leave columns in place. */
function knownToSteps(steps: readonly Fitted[], position: number, name: string) {
  for (const step of steps) {
    const known = step.knownValues?.(position, name)
    if (known !== undefined) return known
    if (step.keepsColumns !== true) return undefined
  }
  return undefined
}

/** FeatureUnion: the outputs of all parts side by side. */
export const featureUnion: Compiler = (estimator, build) => {
  const weights = estimator.get('transformer_weights')
  const parts = namedParts(estimator, 'transformer_list')
    .filter(({ value }) => value !== null && value !== 'drop')
    .map(({ name, value }) => ({
      model: value === 'passthrough' ? identity(name) : build.compile(value),
      weight: weightOf(weights, name),
    }))
  return {
    name: estimator.name,
    isSparse: parts.some(({ model }) => model.isSparse === true),
    parts: parts.map((part) => part.model),
    transform: (block) =>
      stack(
        parts.map(({ model, weight }) => weighted(transformOf(estimator, model)(block), weight)),
        block.rows,
      ),
  }
}

/** A list of (name, estimator) pairs. */
export function namedParts(
  estimator: Attributes,
  attribute: string,
): { name: string; value: Pickled }[] {
  return estimator.list(attribute).map((pair) => {
    if (!Array.isArray(pair) || pair.length < 2) throw estimator.missing(attribute)
    return { name: labelText(pair[0]), value: pair[1]! }
  })
}

export function transformOf(estimator: Attributes, model: Fitted): (block: Block) => Block {
  if (model.transform === undefined) throw unsupported(estimator, `over ${model.name}`)
  return model.transform
}

export const weightOf = (weights: Pickled | undefined, name: string): number => {
  const weight = weights instanceof Map ? weights.get(name) : undefined
  return weight === undefined || weight === null ? 1 : numberOf(weight)
}

export function weighted(block: Block, weight: number): Block {
  if (weight === 1) return block
  if (block.kind === 'sparse') {
    const sparse = toSparse(block)
    return { ...sparse, values: sparse.values.map((value) => value * weight) }
  }
  const x = toMatrix(block, 'any')
  return mapInPlace({ ...x, data: x.data.slice() }, (value) => value * weight)
}

export const identity = (name: string): Fitted => ({
  name,
  transform: (block) => block,
  keepsColumns: true,
})
