import type { ServingContext } from '../dase/context.ts'
import type { BoundEngine } from '../dase/params.ts'
import { readQuery } from '../dase/query.ts'
import type { JsonValue } from '../events/event.ts'
import type { EngineInstance } from '../metadata/metadata-store.ts'

/** A trained engine, ready to answer. Replaced as a whole by a reload; never changed. */
export type Deployment = Readonly<{
  instance: EngineInstance
  bound: BoundEngine
  models: readonly unknown[]
  context: ServingContext
}>

/** @throws Problem `query_invalid` */
export const readQueryFor = ({ bound }: Deployment, json: JsonValue): unknown =>
  readQuery(bound.engine.query, json)

/** The prediction for one query: all algorithms, then the serving with the query as it was asked. */
export async function predict(
  { bound, models, context }: Deployment,
  query: unknown,
): Promise<unknown> {
  const { component: serving, params } = bound.serving
  const supplemented =
    serving.supplement === undefined ? query : await serving.supplement(query, params as never)
  const predictions = await Promise.all(
    bound.algorithms.map(({ component }, at) =>
      component.predict(models[at] as never, supplemented, context),
    ),
  )
  return serving.serve(query, predictions, params as never, context)
}
