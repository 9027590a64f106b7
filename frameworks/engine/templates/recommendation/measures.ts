import { averageMetric, type Metric, optionAverageMetric } from '../../dase/metrics.ts'
import type { Recommendation } from './als-algorithm.ts'
import type { Actual, Query } from './data-source.ts'

type RecommendationMetric = Metric<Query, Recommendation, Actual>

/**
 * Of the first k recommended items the share that the user liked, as far as there were so many;
 * undefined for a user who liked nothing.
 */
export const precisionAtK = (k: number, threshold: number): RecommendationMetric =>
  optionAverageMetric(
    `Precision@K (k=${k}, threshold=${threshold.toFixed(1)})`,
    (_query, { itemScores }, actual) => {
      const liked = likedItems(actual, threshold)
      if (liked.size === 0) return undefined
      const hits = itemScores.slice(0, k).filter(({ item }) => liked.has(item))
      return hits.length / Math.min(k, liked.size)
    },
  )

/** How many items a test user liked, on average. */
export const positiveCount = (threshold: number): RecommendationMetric =>
  averageMetric(
    `PositiveCount (threshold=${threshold.toFixed(1)})`,
    (_query, _predicted, actual) => likedItems(actual, threshold).size,
  )

const likedItems = (actual: Actual, threshold: number): Set<string> =>
  new Set(actual.filter(({ value }) => value >= threshold).map(({ item }) => item))
