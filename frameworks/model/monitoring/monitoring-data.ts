import { parseJson } from '../bundle/exact-json.ts'
import { columnFacts } from '../bundle/column-facts.ts'
import { isNumeric } from '../frames/column-dtype.ts'
import { isRecord } from '../service/requests.ts'
import type { Service } from '../service/service.ts'
import { columnDrift } from './drift.ts'
import {
  bucketOf,
  LABELLED_MAX,
  readLabelled,
  readObservations,
  readScores,
  readTotals,
  readVolume,
} from './read-history.ts'
import { summarise } from './summary.ts'

/** Everything the monitoring page shows, as numbers. */
export async function monitoringData(
  service: Service,
  version: string | undefined,
): Promise<object> {
  const { store, registry, config } = service
  const { model } = version === undefined ? registry.active() : registry.find(version)
  const totals = await readTotals(store.database, version)
  const bucket = bucketOf(totals)
  const [volume, scores, labelled, drift] = await Promise.all([
    readVolume(store.database, bucket, version),
    readScores(store.database, version),
    readLabelled(store.database, version),
    readDrift(service, version),
  ])
  return {
    model: registry.active().name,
    version: version ?? null,
    versions: registry.all().map((bundle) => bundle.version),
    kind: model.kind,
    classes: model.classes,
    threshold: config.threshold,
    rows: totals.rows,
    labelled: totals.labelled,
    labelled_shown_max: LABELLED_MAX,
    bucket,
    volume,
    scores,
    ...summarise(model, labelled, bucket, config.threshold),
    ...drift,
  }
}

/** The newest rows against the oldest ones, which stand for the time when the model was new. */
async function readDrift(service: Service, version: string | undefined): Promise<object> {
  const { store, registry } = service
  const { model } = version === undefined ? registry.active() : registry.find(version)
  const [oldest, newest] = await Promise.all([
    readObservations(store.database, 'oldest', DRIFT_ROWS_MAX, version),
    readObservations(store.database, 'newest', DRIFT_ROWS_MAX, version),
  ])
  // With few rows the two ends overlap: each row counts on one side only.
  const newestIds = new Set(
    newest.slice(0, Math.ceil((oldest.length + newest.length) / 4)).map((row) => row.id),
  )
  const isShort = oldest.some((row) => newestIds.has(row.id)) || oldest.length < DRIFT_ROWS_MAX
  const now = (isShort ? newest.filter((row) => newestIds.has(row.id)) : newest).map(observationOf)
  const before = (isShort ? oldest.filter((row) => !newestIds.has(row.id)) : oldest).map(
    observationOf,
  )
  return {
    drift_rows: { before: before.length, now: now.length },
    drift: columnFacts(model).map(({ name, dtype, values }) => {
      const isNumber = isNumeric(dtype) && dtype.kind !== 'bool' && values === undefined
      return columnDrift(
        name,
        isNumber,
        before.map((row) => row[name]),
        now.map((row) => row[name]),
      )
    }),
  }
}

/** Rows on each side; the index is stable from a few hundred on. */
const DRIFT_ROWS_MAX = 2000

function observationOf({ raw }: { raw: string }): Record<string, unknown> {
  const envelope = parseJson(raw)
  const observation = isRecord(envelope) ? envelope['observation'] : undefined
  return isRecord(observation) ? observation : {}
}
