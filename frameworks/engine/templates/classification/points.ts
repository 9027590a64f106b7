import * as z from 'zod'
import type { LabeledPoint } from '../../algorithms/naive-bayes.ts'
import type { TrainingContext } from '../../dase/context.ts'
import { defineDataSource } from '../../dase/define-engine.ts'
import { splitFolds } from '../../dase/folds.ts'
import type { Properties } from '../../events/event.ts'
import { problem } from '../../problems.ts'
import { AppParams, appOf } from '../app-of.ts'
import { emptyData } from '../empty-data.ts'

/** A query names the attributes; which ones, the trained model knows. */
export const Query = z.looseObject({})
export type Query = Readonly<Record<string, unknown>>
/** The label, under the name that clients expect. */
export type Prediction = Readonly<Record<string, number>>

/** What algorithms learn from. */
export type Points = Readonly<{
  attributes: readonly string[]
  /** The key of the answer. */
  answer: string
  points: readonly LabeledPoint[]
}>

export type Shape = Readonly<{
  attributes: readonly string[]
  label: string
  /** The key of the answer; undefined: the label's own name. */
  answer: string | undefined
}>

/** Reads users with their numeric attributes and label; users that lack one of them are left out. */
export function pointsDataSource(shape: Shape) {
  const params = z.object({
    ...AppParams,
    entityType: z.string().default('user'),
    evalK: z.int().min(2).optional(),
    attributes: z
      .array(z.string())
      .min(1)
      .default([...shape.attributes]),
    label: z.string().default(shape.label),
  })
  type Params = z.infer<typeof params>

  const read = async (given: Params, context: TrainingContext): Promise<Points> => {
    const { attributes, label } = given
    const users = await context.events.aggregateProperties({
      ...appOf(given, context),
      entityType: given.entityType,
      required: [...attributes, label],
    })
    // In the order of the ids, numbers as numbers: folds are then the same every time.
    const ids = [...users.keys()].toSorted(byNumber.compare)
    const points = ids.map((id): LabeledPoint => {
      const properties = users.get(id)?.properties ?? {}
      return {
        label: numberOf(properties, label, id),
        features: attributes.map((attribute) => numberOf(properties, attribute, id)),
      }
    })
    return { attributes, answer: shape.answer ?? label, points }
  }

  return defineDataSource({
    params,
    read,
    readEval: async (given, context) => {
      const { evalK } = given
      if (evalK === undefined) {
        throw problem('params_invalid', 'The datasource params need evalK, the number of folds.')
      }
      const { points, ...rest } = await read(given, context)
      return splitFolds(points, evalK).map(({ training, testing }) => ({
        training: { ...rest, points: training },
        queries: testing.map(
          ({ label, features }) => [queryOf(rest.attributes, features), label] as const,
        ),
      }))
    },
    check: ({ points }) => {
      if (points.length > 0) return
      throw emptyData('labeledPoints in TrainingData')
    },
  })
}

const byNumber = new Intl.Collator('en', { numeric: true })

function numberOf(properties: Properties, name: string, id: string): number {
  const value = properties[name]
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  throw problem('training_failed', `The property ${name} of user ${id} is not a number.`)
}

const queryOf = (attributes: readonly string[], features: readonly number[]): Query =>
  Object.fromEntries(attributes.map((attribute, at) => [attribute, features[at] ?? 0]))

/**
 * The features of a query, in the order of the attributes.
 *
 * @throws Problem `query_invalid` that names a missing attribute
 */
export function featuresOf(attributes: readonly string[], query: Query): number[] {
  // The template's first versions had queries such as {"features": [2, 0, 0]}.
  const listed = query['features']
  const isListed = Array.isArray(listed) && listed.length === attributes.length
  return attributes.map((attribute, at) => {
    const value: unknown = isListed ? listed[at] : query[attribute]
    if (typeof value === 'number') return value
    throw problem(
      'query_invalid',
      `No usable value for ${attribute}\nDid not find value which can be converted into double`,
    )
  })
}
