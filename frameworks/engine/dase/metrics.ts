/** What an evaluation found: per fold, its information and (query, prediction, actual) of all tests. */
export type EvaluationResults<Q, P, A> = readonly Readonly<{
  info: unknown
  results: readonly (readonly [query: Q, predicted: P, actual: A])[]
}>[]

/** A figure of merit over the tests of all folds together; bigger is better unless `compare` says. */
export type Metric<Q, P, A> = Readonly<{
  header: string
  calculate: (results: EvaluationResults<Q, P, A>) => number
  /** Positive if the first score is the better one. */
  compare?: (a: number, b: number) => number
}>

type Score<Q, P, A> = (query: Q, predicted: P, actual: A) => number
type OptionalScore<Q, P, A> = (query: Q, predicted: P, actual: A) => number | undefined

/**
 * The mean of the scores of all tests; 0 without any.
 *
 * @example
 * const accuracy = averageMetric('Accuracy', (_query, predicted: string, actual: string) =>
 *   predicted === actual ? 1 : 0,
 * )
 */
export const averageMetric = <Q, P, A>(header: string, score: Score<Q, P, A>): Metric<Q, P, A> =>
  metric(header, score, mean)

/**
 * The mean of the scores that are defined.
 *
 * @example
 * const precision = optionAverageMetric('Precision', (_query, predicted: boolean, actual: boolean) =>
 *   predicted ? Number(actual) : undefined,
 * )
 */
export const optionAverageMetric = <Q, P, A>(
  header: string,
  score: OptionalScore<Q, P, A>,
): Metric<Q, P, A> => metric(header, score, mean)

/**
 * The population standard deviation of the scores; NaN without any.
 *
 * @example
 * const spread = stdevMetric('Spread', (_query, predicted: number, actual: number) =>
 *   predicted - actual,
 * )
 */
export const stdevMetric = <Q, P, A>(header: string, score: Score<Q, P, A>): Metric<Q, P, A> =>
  metric(header, score, standardDeviation)

/**
 * The population standard deviation of the scores that are defined.
 *
 * @example
 * const spread = optionStdevMetric('Spread', (_query, predicted: number, actual: number | null) =>
 *   actual === null ? undefined : predicted - actual,
 * )
 */
export const optionStdevMetric = <Q, P, A>(
  header: string,
  score: OptionalScore<Q, P, A>,
): Metric<Q, P, A> => metric(header, score, standardDeviation)

/**
 * The sum of the scores.
 *
 * @example
 * const hits = sumMetric('Hits', (_query, predicted: string[], actual: string) =>
 *   Number(predicted.includes(actual)),
 * )
 */
export const sumMetric = <Q, P, A>(header: string, score: Score<Q, P, A>): Metric<Q, P, A> =>
  metric(header, score, sum)

/**
 * Always 0: for evaluations whose other metrics say all.
 *
 * @example
 * const metric = zeroMetric<{ user: string }, number, number>()
 */
export const zeroMetric = <Q, P, A>(): Metric<Q, P, A> => ({
  header: 'ZeroMetric',
  calculate: () => 0,
})

function metric<Q, P, A>(
  header: string,
  score: OptionalScore<Q, P, A>,
  summary: (scores: readonly number[]) => number,
): Metric<Q, P, A> {
  return {
    header,
    calculate: (folds) =>
      summary(
        folds.flatMap(({ results }) =>
          results.flatMap(([query, predicted, actual]) => score(query, predicted, actual) ?? []),
        ),
      ),
  }
}

const sum = (scores: readonly number[]): number => scores.reduce((total, one) => total + one, 0)

const mean = (scores: readonly number[]): number =>
  scores.length === 0 ? 0 : sum(scores) / scores.length

/** NaN without scores; such a candidate ranks last. */
function standardDeviation(scores: readonly number[]): number {
  const middle = mean(scores)
  return Math.sqrt(sum(scores.map((score) => (score - middle) ** 2)) / scores.length)
}
