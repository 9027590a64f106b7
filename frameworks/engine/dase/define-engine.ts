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

/** Checks the types of a data source; its parameters are those of `engine.json`, by `params`. */
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

/** Checks the types of a preparator. */
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

/** Checks the types of a serving. */
export function defineServing<S extends z.ZodType, Q, P>(definition: {
  params: S
  supplement?: (query: Q, params: z.infer<S>) => Awaitable<Q>
  serve: (query: Q, predictions: readonly P[], params: z.infer<S>) => Awaitable<P>
}): Serving<Q, P> {
  return definition
}

/** Marks components as several of a kind, chosen by name in `engine.json`. */
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
 * export default defineEngine({
 *   query: z.object({ user: z.string(), num: z.int().default(10) }),
 *   dataSource, algorithms: { als }, serving: firstServing,
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

/** Hands the data on as it is. */
export const identityPreparator: Preparator<unknown, unknown> = definePreparator({
  params: z.unknown(),
  prepare: (data: unknown) => data,
})

/** Answers with the first algorithm's prediction. */
export const firstServing = {
  params: z.unknown(),
  serve: <P>(_query: unknown, [first]: readonly P[]): P => {
    if (first === undefined) throw new Error('no algorithm predicted anything')
    return first
  },
}

/** Answers with the mean of the algorithms' predictions, which must be numbers. */
export const averageServing = {
  params: z.unknown(),
  serve: (_query: unknown, predictions: readonly number[]): number =>
    predictions.reduce((sum, value) => sum + value, 0) / predictions.length,
}
