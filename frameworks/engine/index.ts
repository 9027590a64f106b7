export * as z from 'zod'
export { withMeans } from './algorithms/synthetic-features.ts'
export type {
  AggregateOptions,
  AppEvents,
  FindByEntityOptions,
  FindOptions,
} from './dase/app-events.ts'
export type { ServingContext, TrainingContext } from './dase/context.ts'
export {
  averageServing,
  defineAlgorithm,
  defineDataSource,
  defineEngine,
  definePreparator,
  defineServing,
  firstServing,
  identityPreparator,
  named,
} from './dase/define-engine.ts'
export type {
  Algorithm,
  DataSource,
  Engine,
  EvaluationFold,
  Preparator,
  SavedModel,
  Serving,
} from './dase/engine.ts'
export { defineEvaluation, type Evaluation } from './dase/evaluation.ts'
export { splitFolds } from './dase/folds.ts'
export {
  averageMetric,
  type Metric,
  optionAverageMetric,
  optionStdevMetric,
  stdevMetric,
  sumMetric,
  zeroMetric,
} from './dase/metrics.ts'
export type { EngineParams } from './dase/variant.ts'
export type { EventServerPlugin } from './event-server/plugins.ts'
export type { PropertyMap } from './events/aggregation.ts'
export type { JsonValue, Properties, StoredEvent } from './events/event.ts'
export type { Files } from './files/files.ts'
export type { QueryServerPlugin } from './dase/query-plugins.ts'
