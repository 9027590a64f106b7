import type * as z from 'zod'
import type { Files } from '../files/files.ts'
import type { TrainingContext, ServingContext } from './context.ts'

/** A fold of cross-validation: what to train on, and queries with what really happened. */
export type EvaluationFold<TD, Q, A> = Readonly<{
  training: TD
  /** Anything that the metrics want to know about the fold. */
  info?: unknown
  queries: readonly (readonly [query: Q, actual: A])[]
}>

/** Reads the training data. `never` stands for the parameters, whose type only the component knows. */
export type DataSource<TD, Q, A> = Readonly<{
  params: z.ZodType
  read: (params: never, context: TrainingContext) => Promise<TD>
  readEval?: (params: never, context: TrainingContext) => Promise<EvaluationFold<TD, Q, A>[]>
  /** Sanity check: throws if the data cannot be trained on. */
  check?: (data: TD) => void
}>

export type Preparator<TD, PD> = Readonly<{
  params: z.ZodType
  prepare: (data: TD, params: never, context: TrainingContext) => Promise<PD>
  check?: (data: PD) => void
}>

/**
 * Trains a model and predicts with it. `unknown` and `never` stand for the model, whose type only
 * the algorithm knows.
 */
export type Algorithm<PD, Q, P> = Readonly<{
  params: z.ZodType
  train: (data: PD, params: never, context: TrainingContext) => Promise<unknown>
  predict: (model: never, query: Q, context: ServingContext) => P | Promise<P>
  /** Answers many queries at once, in their order; `predict` for each unless given. */
  batchPredict?: (model: never, queries: readonly Q[], context: ServingContext) => Promise<P[]>
  check?: (model: never) => void
  persistence: Persistence
}>

/**
 * How a trained model reaches the server: stored whole, saved by the algorithm itself, or not at
 * all, in which case it is trained again at deployment.
 */
export type Persistence =
  | Readonly<{ kind: 'stored' }>
  | Readonly<{ kind: 'retrained' }>
  | Readonly<{
      kind: 'custom'
      /** False: it could not be saved, train again at deployment. */
      save: (model: never, saved: SavedModel) => Promise<boolean>
      load: (saved: SavedModel) => Promise<unknown>
    }>

/**
 * Where an algorithm that saves its own model does so; `id` is the same at training and deployment.
 * `files` outlive a dyno, `directory` does not.
 */
export type SavedModel = Readonly<{
  id: string
  directory: string
  files: Files
  params: unknown
}>

export type Serving<Q, P> = Readonly<{
  params: z.ZodType
  /** Completes a query before the algorithms see it. */
  supplement?: (query: Q, params: never) => Q | Promise<Q>
  /** Makes one answer of the predictions of all algorithms, for the query as it was asked. */
  serve: (
    query: Q,
    predictions: readonly P[],
    params: never,
    context: ServingContext,
  ) => P | Promise<P>
}>

/** Components by the names that `engine.json` uses; the only one of its kind is called ''. */
export type Named<Component> = Readonly<Record<string, Component>>

export type Engine<TD, PD, Q, A, P> = Readonly<{
  query: z.ZodType<Q>
  dataSources: Named<DataSource<TD, Q, A>>
  preparators: Named<Preparator<TD, PD>>
  algorithms: Named<Algorithm<PD, Q, P>>
  servings: Named<Serving<Q, P>>
}>

/** An engine whose types no longer matter: what workflows and servers handle. */
export type AnyEngine = Engine<unknown, unknown, unknown, unknown, unknown>
