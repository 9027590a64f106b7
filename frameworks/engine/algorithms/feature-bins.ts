import type { LabeledPoint } from './naive-bayes.ts'

/** Features as bin numbers, column by column, with the thresholds between the bins. */
export type BinnedFeatures = Readonly<{
  bins: readonly Uint16Array[]
  /** Values up to `thresholds[f][b]` are in bins 0 … b. */
  thresholds: readonly (readonly number[])[]
}>

/**
 * Cuts every feature into at most `maxBins` bins: between each pair of different values if they are
 * few, else at quantiles.
 */
export function binFeatures(points: readonly LabeledPoint[], maxBins: number): BinnedFeatures {
  const dimension = points[0]?.features.length ?? 0
  const columns = Array.from({ length: dimension }, (_, feature) =>
    Float64Array.from(points, ({ features }) => features[feature] ?? 0),
  )
  const thresholds = columns.map((column) => thresholdsOf(column, maxBins))
  return {
    thresholds,
    bins: columns.map((column, feature) =>
      Uint16Array.from(column, (value) => binOf(value, thresholds[feature] ?? [])),
    ),
  }
}

function thresholdsOf(column: Float64Array, maxBins: number): number[] {
  const sorted = column.toSorted()
  const cuts: number[] = []
  const distinct = new Set(column).size
  const stride = distinct <= maxBins ? 1 : sorted.length / maxBins
  let passed = 0
  for (let at = 1; at < sorted.length; at++) {
    const [below = 0, above = 0] = [sorted[at - 1], sorted[at]]
    if (above === below || at - passed < stride || cuts.length >= maxBins - 1) continue
    cuts.push((below + above) / 2)
    passed = distinct <= maxBins ? 0 : at
  }
  return cuts
}

/** The first bin whose threshold is not below the value. */
function binOf(value: number, thresholds: readonly number[]): number {
  let low = 0
  let high = thresholds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= (thresholds[middle] ?? Infinity)) high = middle
    else low = middle + 1
  }
  return low
}
