import type { AnyEvaluation } from './evaluation.ts'
import type { Candidate, EvaluationOutcome } from './evaluate-engine.ts'
import type { EngineParams } from './variant.ts'

/** Parameters as evaluations print them: the four keys of upstream. */
export function shownParams(params: EngineParams): object {
  return {
    dataSourceParams: { [params.dataSource.name]: params.dataSource.params },
    preparatorParams: { [params.preparator.name]: params.preparator.params },
    algorithmParamsList: params.algorithms.map(({ name, params: given }) => ({ [name]: given })),
    servingParams: { [params.serving.name]: params.serving.params },
  }
}

/** A score as Scala prints it: always with a decimal point. */
export const shownScore = (score: number): string =>
  Number.isInteger(score) ? `${score}.0` : String(score)

/** e.g. `MetricScores(0.93,List(0.9, 0.8))` */
export const shownScores = ({ score, otherScores }: Candidate): string =>
  `MetricScores(${shownScore(score)},List(${otherScores.map(shownScore).join(', ')}))`

/** What `pio eval` prints at its end. */
export function reportText(evaluation: AnyEvaluation, outcome: EvaluationOutcome): string {
  const best = bestCandidate(outcome)
  const metrics = [
    `  ${evaluation.metric.header}: ${shownScore(best.score)}`,
    ...evaluation.otherMetrics.map(
      ({ header }, at) => `  ${header}: ${shownScore(best.otherScores[at] ?? NaN)}`,
    ),
  ]
  const written =
    evaluation.outputPath === undefined
      ? []
      : [`The best variant params can be found in ${evaluation.outputPath}`]
  return [
    'MetricEvaluatorResult:',
    `  # engine params evaluated: ${outcome.candidates.length}`,
    'Optimal Engine Params:',
    ...indented(JSON.stringify(shownParams(best.params), null, 2)),
    'Metrics:',
    ...metrics,
    ...written,
  ].join('\n')
}

export function bestCandidate({ candidates, bestIndex }: EvaluationOutcome): Candidate {
  const best = candidates[bestIndex]
  if (best === undefined) throw new Error('an evaluation without candidates')
  return best
}

export function oneLiner(outcome: EvaluationOutcome): string {
  const { score } = bestCandidate(outcome)
  return `Best Params Index: ${outcome.bestIndex} Score: ${shownScore(score)}`
}

/** The whole evaluation for the dashboard. */
export function reportJson(evaluation: AnyEvaluation, outcome: EvaluationOutcome): string {
  const best = bestCandidate(outcome)
  return JSON.stringify({
    bestScore: { score: best.score, otherScores: best.otherScores },
    bestEngineParams: shownParams(best.params),
    bestIdx: outcome.bestIndex,
    metricHeader: evaluation.metric.header,
    otherMetricHeaders: evaluation.otherMetrics.map(({ header }) => header),
    engineParamsScores: outcome.candidates.map(({ params, score, otherScores }) => ({
      engineParams: shownParams(params),
      score,
      otherScores,
    })),
    outputPath: evaluation.outputPath ?? null,
  })
}

/** A whole variant, ready for `pio train --variant best.json`. */
export function bestVariant(
  evaluationClass: string,
  { params }: Candidate,
  startedAt: Date,
): string {
  const variant = {
    id: `${evaluationClass} ${startedAt.toISOString()}`,
    description: '',
    engineFactory: evaluationClass,
    datasource: params.dataSource,
    preparator: params.preparator,
    algorithms: params.algorithms,
    serving: params.serving,
  }
  return `${JSON.stringify(variant, null, 2)}\n`
}

const indented = (text: string): string[] => text.split('\n').map((line) => `  ${line}`)
