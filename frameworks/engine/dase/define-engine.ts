import * as z from 'zod'
import type { ServingContext, TrainingContext } from './context.ts'
import type {
  Algorithm,
  DataSource,
  Engine,
  EvaluationFold,
  Named,
  Preparator,
  SavedModel,
  Serving,
} from './engine.ts'

type Awaitable<T> = T | Promise<T>

/**
 * Checks the types of a data source; its parameters are those of `engine.json`, by `params`.
 *
 * @example
 * const buyers = defineDataSource({
 *   params: z.object({ appName: z.string() }),
 *   read: async ({ appName }, { events }) => {
 *     const users = await events.aggregateProperties({ appName, entityType: 'user' })
 *     return [...users.keys()]
 *   },
 * })
 */
export function defineDataSource<S extends z.ZodType, TD, Q = never, A = never>(definition: {
  params: S
  read: (params: z.infer<S>, context: TrainingContext) => Awaitable<TD>
  readEval?: (params: z.infer<S>, context: TrainingContext) => Awaitable<EvaluationFold<TD, Q, A>[]>
  check?: (data: NoInfer<TD>) => void
}): DataSource<TD, Q, A> {
  const { params, read, readEval, check } = definition
  return {
    params,
    read: async (given: z.infer<S>, context) => read(given, context),
    ...(readEval && { readEval: async (given: z.infer<S>, context) => readEval(given, context) }),
    ...(check && { check }),
  }
}

/**
 * Checks the types of a preparator.
 *
 * @example
 * const withoutBots = definePreparator({
 *   params: z.object({ prefix: z.string().default('bot-') }),
 *   prepare: (users: string[], { prefix }) => users.filter((user) => !user.startsWith(prefix)),
 * })
 */
export function definePreparator<S extends z.ZodType, TD, PD>(definition: {
  params: S
  prepare: (data: TD, params: z.infer<S>, context: TrainingContext) => Awaitable<PD>
  check?: (data: NoInfer<PD>) => void
}): Preparator<TD, PD> {
  const { params, prepare, check } = definition
  return {
    params,
    prepare: async (data, given: z.infer<S>, context) => prepare(data, given, context),
    ...(check && { check }),
  }
}

/**
 * Checks the types of an algorithm: what `train` returns is what `predict` is given.
 *
 * A model should be plain data that `structuredClone` can copy. Give `save` and `load` for one that
 * is not, or `persistence: 'retrained'` to train it again at deployment.
 *
 * @example
 * const longest = defineAlgorithm({
 *   params: z.object({ count: z.int().default(10) }),
 *   train: (names: string[], { count }) =>
 *     names.toSorted((a, b) => b.length - a.length).slice(0, count),
 *   predict: (model, { num }: { num: number }) => ({ names: model.slice(0, num) }),
 * })
 */
export function defineAlgorithm<S extends z.ZodType, PD, M, Q, P>(definition: {
  params: S
  train: (data: PD, params: z.infer<S>, context: TrainingContext) => Awaitable<M>
  predict: (model: NoInfer<M>, query: Q, context: ServingContext) => Awaitable<P>
  batchPredict?: (
    model: NoInfer<M>,
    queries: readonly Q[],
    context: ServingContext,
  ) => Awaitable<P[]>
  check?: (model: NoInfer<M>) => void
  persistence?: 'stored' | 'retrained'
  save?: (model: NoInfer<M>, saved: SavedModel) => Awaitable<boolean>
  load?: (saved: SavedModel) => Awaitable<NoInfer<M>>
}): Algorithm<PD, Q, P> {
  const { params, train, predict, batchPredict, check, save, load } = definition
  return {
    params,
    train: async (data, given: z.infer<S>, context) => train(data, given, context),
    predict,
    ...(batchPredict && {
      batchPredict: async (model: M, queries, context) => batchPredict(model, queries, context),
    }),
    ...(check && { check }),
    persistence:
      save && load
        ? {
            kind: 'custom',
            save: async (model: M, saved) => save(model, saved),
            load: async (saved) => load(saved),
          }
        : { kind: definition.persistence ?? 'stored' },
  }
}

/**
 * Checks the types of a serving.
 *
 * @example
 * const largest = defineServing({
 *   params: z.object({}),
 *   serve: (_query: { user: string }, predictions: readonly number[]) => Math.max(...predictions),
 * })
 */
export function defineServing<S extends z.ZodType, Q, P>(definition: {
  params: S
  supplement?: (query: Q, params: z.infer<S>) => Awaitable<Q>
  serve: (
    query: Q,
    predictions: readonly P[],
    params: z.infer<S>,
    context: ServingContext,
  ) => Awaitable<P>
}): Serving<Q, P> {
  return definition
}

/**
 * Marks components as several of a kind, chosen by name in `engine.json`.
 *
 * @example
 * const servings = named({ first: firstServing, mean: averageServing })
 */
export const named = <Component>(components: Named<Component>): { named: Named<Component> } => ({
  named: components,
})

type OneOrNamed<Component> = Component | { named: Named<Component> }

/**
 * An engine: how to read data, prepare it, train on it, and answer queries. `query` describes the
 * queries that the server accepts; everything behind it gets them checked.
 *
 * Types run from end to end: an algorithm that wants other data or another query does not compile.
 *
 * @example
 * const words = defineDataSource({ params: z.object({}), read: () => ['to', 'be', 'or'] })
 * const count = defineAlgorithm({
 *   params: z.object({}),
 *   train: (data: string[]) => ({ total: data.length }),
 *   predict: ({ total }, { factor }: { factor: number }) => ({ total: total * factor }),
 * })
 * export default defineEngine({
 *   query: z.object({ factor: z.number().default(1) }),
 *   dataSource: words,
 *   algorithms: { count },
 *   serving: firstServing,
 * })
 */
export function defineEngine<TD, Q, A, P>(
  definition: Parts<TD, TD, Q, A, P> & { preparator?: never },
): Engine<TD, TD, Q, A, P>
export function defineEngine<TD, PD, Q, A, P>(
  definition: Parts<TD, PD, Q, A, P> & { preparator: OneOrNamed<Preparator<TD, PD>> },
): Engine<TD, PD, Q, A, P>
export function defineEngine<TD, PD, Q, A, P>(
  definition: Parts<TD, PD, Q, A, P> & { preparator?: OneOrNamed<Preparator<TD, PD>> },
): Engine<TD, PD, Q, A, P> {
  return {
    query: definition.query,
    dataSources: all(definition.dataSource),
    // Without a preparator PD is TD, which the types say and the compiler cannot see.
    preparators: all(
      definition.preparator ??
        (identityPreparator as Preparator<TD, unknown> as Preparator<TD, PD>),
    ),
    algorithms: definition.algorithms,
    servings: all(definition.serving ?? firstServing),
  }
}

type Parts<TD, PD, Q, A, P> = {
  query: z.ZodType<Q>
  dataSource: OneOrNamed<DataSource<TD, NoInfer<Q>, A>>
  algorithms: Named<Algorithm<NoInfer<PD>, NoInfer<Q>, P>>
  serving?: OneOrNamed<Serving<NoInfer<Q>, NoInfer<P>>>
}

const all = <Component>(given: OneOrNamed<Component>): Named<Component> =>
  typeof given === 'object' && given !== null && 'named' in given ? given.named : { '': given }

/**
 * Hands the data on as it is.
 *
 * @example
 * const preparators = named({ none: identityPreparator })
 */
export const identityPreparator: Preparator<unknown, unknown> = definePreparator({
  params: z.unknown(),
  prepare: (data: unknown) => data,
})

/**
 * Answers with the first algorithm's prediction.
 *
 * @example
 * firstServing.serve({ user: 'ada' }, [0.7, 0.9]) // 0.7
 */
export const firstServing = {
  params: z.unknown(),
  serve: <P>(_query: unknown, [first]: readonly P[]): P => {
    if (first === undefined) throw new Error('no algorithm predicted anything')
    return first
  },
}

/**
 * Answers with the mean of the algorithms' predictions, which must be numbers.
 *
 * @example
 * averageServing.serve({ user: 'ada' }, [0.7, 0.9]) // 0.8
 */
export const averageServing = {
  params: z.unknown(),
  serve: (_query: unknown, predictions: readonly number[]): number =>
    predictions.reduce((sum, value) => sum + value, 0) / predictions.length,
}
