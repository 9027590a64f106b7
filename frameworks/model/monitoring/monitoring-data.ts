import type { Service } from '../service/service.ts'
import { DRIFT_ROWS, driftReport } from './drift-report.ts'
import { measure, performanceOf } from './performance.ts'
import { LABELLED_MAX, readLabelled, readScores, readTotals, readWindows } from './read-history.ts'
import { readShadow, readShadowVersions, type ShadowRow } from './read-shadows.ts'
import { readableWindow, startOfWindow, windowText, type Window } from './window.ts'

export type MonitoringOptions = Readonly<{
  /** All versions if undefined. */
  version: string | undefined
  /** One that suits the time spanned if undefined. */
  window: Window | undefined
  threshold: number
}>

/** Everything the monitoring page shows, as numbers. */
export async function monitoringData(
  service: Service,
  options: MonitoringOptions,
): Promise<object> {
  const { database } = service.store
  const { version } = options
  const { model, name } = modelOf(service, version)
  const [performance, scores, drift, shadows] = await Promise.all([
    performanceReport(service, options),
    readScores(database, version),
    driftReport(database, model, DRIFT_ROWS, version),
    shadowReports(service, options.threshold),
  ])
  const versions = service.registry.all().map((bundle) => bundle.version)
  return { model: name, versions, ...performance, scores, ...drift, shadows }
}

/** Quality over time, all that is known of it. */
export async function performanceReport(
  service: Service,
  { version, window: wanted, threshold }: MonitoringOptions,
): Promise<object> {
  const { database } = service.store
  const { model } = modelOf(service, version)
  const totals = await readTotals(database, version)
  const calendar = readableWindow(totals.first, totals.last)
  const window = wanted ?? calendar
  const [windows, volume, labelled] = await Promise.all([
    readWindows(database, window, threshold, version),
    window === calendar ? undefined : readWindows(database, calendar, threshold, version),
    readLabelled(database, window, version),
  ])
  return {
    model_version: version ?? null,
    kind: model.kind,
    classes: model.classes,
    threshold,
    window: windowText(window),
    rows: totals.rows,
    labelled: totals.labelled,
    labelled_share: totals.rows === 0 ? null : totals.labelled / totals.rows,
    labelled_read_max: LABELLED_MAX,
    volume: {
      per: windowText(calendar),
      steps: (volume ?? windows).map(({ from, count, labelled: withOutcome }) => ({
        from: startOfWindow(calendar, from).toISOString(),
        count,
        labelled: withOutcome,
      })),
    },
    ...performanceOf(model, labelled, windows, { window, threshold, now: new Date() }),
  }
}

const modelOf = ({ registry }: Service, version: string | undefined) =>
  version === undefined ? registry.active() : registry.find(version)

/** What other versions would have said, beside what was answered. */
async function shadowReports({ store, registry }: Service, threshold: number): Promise<object[]> {
  const versions = await readShadowVersions(store.database)
  return Promise.all(
    versions.map(async (version) => {
      const rows = await readShadow(store.database, version)
      const { model } = registry.versionOf(version)
      const known = rows.filter((row) => row.trueClass !== null)
      return {
        version,
        n: rows.length,
        other_answer_share: shareOf(rows, (row) => row.predicted !== row.answered),
        mean_distance: meanDistance(rows),
        shadow: measure(model, known, threshold),
        answered: measure(
          model,
          known.map((row) => ({ ...row, proba: row.answeredProba, predicted: row.answered })),
          threshold,
        ),
      }
    }),
  )
}

const shareOf = (rows: readonly ShadowRow[], test: (row: ShadowRow) => boolean): number | null =>
  rows.length === 0 ? null : rows.filter(test).length / rows.length

function meanDistance(rows: readonly ShadowRow[]): number | null {
  const distances = rows.flatMap(({ proba, answeredProba }) =>
    proba === null || answeredProba === null ? [] : [Math.abs(proba - answeredProba)],
  )
  if (distances.length === 0) return null
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
}
