import { averageMetric, type Metric, optionAverageMetric } from '../../dase/metrics.ts'
import type { Prediction, Query } from './points.ts'

type LabelMetric = Metric<Query, Prediction, number>

const labelOf = (prediction: Prediction): number => Object.values(prediction)[0] ?? NaN

/** The share of right labels. */
export const accuracy: LabelMetric = averageMetric('Accuracy', (_query, predicted, actual) =>
  labelOf(predicted) === actual ? 1 : 0,
)

/** Of the predictions of this label, the share of right ones. */
export const precisionOf = (label: number): LabelMetric =>
  optionAverageMetric(`Precision(label = ${label.toFixed(1)})`, (_query, predicted, actual) =>
    labelOf(predicted) === label ? Number(actual === label) : undefined,
  )
