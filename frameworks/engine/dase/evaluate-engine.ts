import type { Log } from '../log.ts'
import { problem } from '../problems.ts'
import type { TrainingContext } from './context.ts'
import type { EvaluationFold } from './engine.ts'
import type { AnyEvaluation } from './evaluation.ts'
import type { EvaluationResults, Metric } from './metrics.ts'
import { bindEngine, type BoundEngine } from './params.ts'
import { SharedWork } from './shared-work.ts'
import type { ComponentParams, EngineParams } from './variant.ts'

export type Candidate = Readonly<{
  params: EngineParams
  score: number
  otherScores: readonly number[]
}>

export type EvaluationOutcome = Readonly<{ candidates: readonly Candidate[]; bestIndex: number }>

type AnyMetric = Metric<unknown, unknown, unknown>
type Fold = EvaluationFold<unknown, unknown, unknown>
type Effects = Readonly<{
  context: TrainingContext
  log: Log
  onCandidate: (candidate: Candidate, at: number) => void
}>

/**
 * Scores every candidate by cross-validation and chooses the best: the highest score, the first of
 * equals; a score that is not a number ranks last. What candidates share (the data read, prepared,
 * trained on) is computed once and let go after its last use.
 *
 * @throws Problem `evaluation_failed` if nothing can be evaluated
 */
export async function evaluateEngine(
  evaluation: AnyEvaluation,
  list: readonly EngineParams[],
  effects: Effects,
): Promise<EvaluationOutcome> {
  if (list.length === 0) {
    throw problem('evaluation_failed', 'There are no engine params to evaluate.')
  }
  const work = new SharedWork(list.flatMap(keysOf))
  const candidates: Candidate[] = []
  for (const [at, params] of list.entries()) {
    effects.context.signal.throwIfAborted()
    const bound = bindEngine(evaluation.engine as unknown as BoundEngine['engine'], params)
    const results = await testCandidate(bound, params, work, effects.context)
    work.release(keysOf(params))
    const candidate = {
      params,
      score: evaluation.metric.calculate(results),
      otherScores: evaluation.otherMetrics.map((metric) => metric.calculate(results)),
    }
    warnIfUndefined(candidate, evaluation.metric, effects.log)
    candidates.push(candidate)
    effects.onCandidate(candidate, at)
  }
  return { candidates, bestIndex: bestOf(candidates, evaluation.metric) }
}

type Results = EvaluationResults<unknown, unknown, unknown>

async function testCandidate(
  bound: BoundEngine,
  params: EngineParams,
  work: SharedWork,
  context: TrainingContext,
): Promise<Results> {
  const keys = keysByStep(params)
  const folds = await work.do(keys.read, () => readFolds(bound, context))
  const prepared = await work.do(keys.prepare, () =>
    eachInTurn(folds, ({ training }) =>
      bound.preparator.component.prepare(training, bound.preparator.params as never, context),
    ),
  )
  const models: unknown[][] = []
  for (const [at, { component, params: given }] of bound.algorithms.entries()) {
    models.push(
      await work.do(keys.train[at] ?? '', () =>
        eachInTurn(prepared, (data) => component.train(data, given as never, context)),
      ),
    )
  }
  return eachInTurn(folds, (fold, at) =>
    testFold(
      bound,
      fold,
      models.map((ofFolds) => ofFolds[at]),
      context,
    ),
  )
}

async function readFolds(bound: BoundEngine, context: TrainingContext): Promise<readonly Fold[]> {
  const { component, params } = bound.dataSource
  if (component.readEval === undefined) {
    throw problem('evaluation_failed', 'The data source of this engine has no readEval.', {
      hint: 'Evaluation needs a data source that cuts its data into folds.',
    })
  }
  return component.readEval(params as never, context)
}

async function testFold(
  bound: BoundEngine,
  fold: Fold,
  models: readonly unknown[],
  context: TrainingContext,
): Promise<Results[number]> {
  const { component: serving, params } = bound.serving
  const asked = fold.queries.map(([query]) => query)
  const queries =
    serving.supplement === undefined
      ? asked
      : await eachInTurn(asked, async (query) => serving.supplement?.(query, params as never))
  const predictions: unknown[][] = []
  for (const [at, { component }] of bound.algorithms.entries()) {
    const model = models[at] as never
    predictions.push(
      component.batchPredict === undefined
        ? await eachInTurn(queries, async (query) => component.predict(model, query, context))
        : await component.batchPredict(model, queries, context),
    )
  }
  const results = await eachInTurn(fold.queries, async ([query, actual], at) => {
    const ofAlgorithms = predictions.map((list) => list[at])
    return [
      query,
      await serving.serve(query, ofAlgorithms, params as never, context),
      actual,
    ] as const
  })
  return { info: fold.info, results }
}

async function eachInTurn<T, R>(
  items: readonly T[],
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (const [at, item] of items.entries()) results.push(await work(item, at))
  return results
}

/** Candidates with equal keys share the work of that step. */
function keysByStep(params: EngineParams) {
  const keyOf = (...parts: readonly ComponentParams[]): string => JSON.stringify(parts)
  const { dataSource, preparator, algorithms } = params
  return {
    read: keyOf(dataSource),
    prepare: keyOf(dataSource, preparator),
    train: algorithms.map((algorithm) => keyOf(dataSource, preparator, algorithm)),
  }
}

function keysOf(params: EngineParams): string[] {
  const { read, prepare, train } = keysByStep(params)
  return [read, prepare, ...train]
}

function warnIfUndefined({ score }: Candidate, { header }: AnyMetric, log: Log): void {
  if (Number.isNaN(score)) {
    log.warn('MetricEvaluator', `${header} is not a number: there was nothing to score.`)
  }
}

function bestOf(candidates: readonly Candidate[], { compare }: AnyMetric): number {
  const isBetter = (a: number, b: number): boolean => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(b) && !Number.isNaN(a)
    return compare === undefined ? a > b : compare(a, b) > 0
  }
  return candidates.reduce(
    (best, { score }, at) => (isBetter(score, candidates[best]?.score ?? NaN) ? at : best),
    0,
  )
}
