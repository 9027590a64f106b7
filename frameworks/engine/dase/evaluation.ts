import type { Engine } from './engine.ts'
import type { Metric } from './metrics.ts'
import type { EngineParams } from './variant.ts'

/** An engine with the measures by which its parameters are chosen. */
export type Evaluation<Q, P, A> = Readonly<{
  engine: Engine<never, never, Q, A, P>
  metric: Metric<Q, P, A>
  otherMetrics: readonly Metric<Q, P, A>[]
  /** Where the best variant is written, relative to the working directory; undefined: nowhere. */
  outputPath: string | undefined
  /** The candidates, unless a list of parameters is named beside the evaluation. */
  engineParams: readonly EngineParams[] | undefined
}>

export type AnyEvaluation = Evaluation<unknown, unknown, unknown>

/**
 * Checks the types of an evaluation: metrics must take the engine's queries, predictions and
 * actual results.
 *
 * With one metric the best variant is written to `best.json`; with several nowhere, unless
 * `outputPath` is given. So it was in PredictionIO.
 *
 * @example
 * const source = defineDataSource({
 *   params: z.object({}),
 *   read: () => [1, 2, 3],
 *   readEval: () => [{ training: [1, 2], queries: [[{ next: 1 }, 3] as const] }],
 * })
 * const mean = defineAlgorithm({
 *   params: z.object({}),
 *   train: (data: number[]) => data.reduce((sum, one) => sum + one, 0) / data.length,
 *   predict: (model, _query: { next: number }) => model,
 * })
 * const engine = defineEngine({
 *   query: z.object({ next: z.number() }),
 *   dataSource: source,
 *   algorithms: { mean },
 * })
 * export const error = defineEvaluation({
 *   engine,
 *   metric: averageMetric('Error', (_query, predicted: number, actual: number) =>
 *     -Math.abs(predicted - actual),
 *   ),
 * })
 */
export function defineEvaluation<TD, PD, Q, A, P>(definition: {
  engine: Engine<TD, PD, Q, A, P>
  metric: Metric<NoInfer<Q>, NoInfer<P>, NoInfer<A>>
  otherMetrics?: readonly Metric<NoInfer<Q>, NoInfer<P>, NoInfer<A>>[]
  outputPath?: string
  engineParams?: readonly EngineParams[]
}): Evaluation<Q, P, A> {
  const { engine, metric, otherMetrics, outputPath, engineParams } = definition
  return {
    // Only the workflow, which treats data as opaque, looks inside.
    engine: engine as unknown as Engine<never, never, Q, A, P>,
    metric,
    otherMetrics: otherMetrics ?? [],
    outputPath: outputPath ?? (otherMetrics === undefined ? 'best.json' : undefined),
    engineParams,
  }
}
