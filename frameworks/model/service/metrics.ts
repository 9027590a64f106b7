/** Counts for Prometheus. */
export type Metrics = Readonly<{
  count: (name: CounterName, labels?: Readonly<Record<string, string>>) => void
  /** Seconds from request to answer of a prediction. */
  observe: (seconds: number) => void
  render: (gauges: Readonly<Record<GaugeName, number>>) => string
}>
type CounterName = keyof typeof COUNTERS

const COUNTERS = {
  predictions_total: 'Observations scored, by model version and result.',
  outcomes_total: 'Outcomes reported, by result.',
} as const

const GAUGES = {
  writes_waiting: 'Predictions and outcomes that wait for their batch.',
  versions: 'Model versions in memory.',
} as const
type GaugeName = keyof typeof GAUGES

/** Upper bounds of the latency histogram, in seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

export function createMetrics(): Metrics {
  const counts = new Map<CounterName, Map<string, number>>()
  const buckets = BOUNDS.map(() => 0)
  let [observed, sum] = [0, 0]
  return {
    count: (name, labels = {}) => {
      const byLabels = counts.get(name) ?? new Map<string, number>()
      const key = labelText(labels)
      byLabels.set(key, (byLabels.get(key) ?? 0) + 1)
      counts.set(name, byLabels)
    },
    observe: (seconds) => {
      observed += 1
      sum += seconds
      BOUNDS.forEach((bound, i) => {
        if (seconds <= bound) buckets[i]! += 1
      })
    },
    render: (gauges) =>
      [
        ...Object.entries(COUNTERS).flatMap(([name, help]) => [
          `# HELP model_${name} ${help}`,
          `# TYPE model_${name} counter`,
          ...[...(counts.get(name as CounterName) ?? [])].map(
            ([labels, n]) => `model_${name}${labels} ${n}`,
          ),
        ]),
        '# HELP model_prediction_seconds Time from request to answer.',
        '# TYPE model_prediction_seconds histogram',
        ...BOUNDS.map((bound, i) => `model_prediction_seconds_bucket{le="${bound}"} ${buckets[i]}`),
        `model_prediction_seconds_bucket{le="+Inf"} ${observed}`,
        `model_prediction_seconds_sum ${sum}`,
        `model_prediction_seconds_count ${observed}`,
        ...Object.entries(gauges).flatMap(([name, value]) => [
          `# HELP model_${name} ${GAUGES[name as GaugeName]}`,
          `# TYPE model_${name} gauge`,
          `model_${name} ${value}`,
        ]),
        '',
      ].join('\n'),
  }
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/["\\\n]/g, '_')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
