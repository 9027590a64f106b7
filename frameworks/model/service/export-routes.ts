import { Readable } from 'node:stream'
import type { FastifyInstance } from '@hokku/kit/http'
import * as z from 'zod'
import { parseJson } from '../bundle/exact-json.ts'
import type { Database } from '../store/database.ts'
import { listPredictions } from '../store/find-predictions.ts'
import type { Prediction } from '../store/prediction.ts'
import { shownId } from './answers.ts'
import { parseQuery } from './queries.ts'
import { isRecord, stringifyExactly } from './requests.ts'
import type { Service } from './service.ts'

const ExportQuery = z.object({ labelled: z.enum(['0', '1']).default('0') })

/** GET /export.csv and /export.jsonl: everything for retraining, streamed. */
export function exportRoutes(app: FastifyInstance, service: Service): void {
  const { store, registry } = service
  app.get('/export.csv', (request, reply) => {
    const labelledOnly = parseQuery(ExportQuery, request.query).labelled === '1'
    const names = registry.active().model.schema.names
    const lines = csvLines(pages(store.database, labelledOnly), names)
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="predictions.csv"')
      .send(Readable.from(lines))
  })
  app.get('/export.jsonl', (request, reply) => {
    const labelledOnly = parseQuery(ExportQuery, request.query).labelled === '1'
    return reply
      .type('application/jsonl')
      .header('content-disposition', 'attachment; filename="predictions.jsonl"')
      .send(Readable.from(jsonLines(pages(store.database, labelledOnly))))
  })
}

/** Pages by the table's own key: no transaction stays open while a slow client reads. */
async function* pages(database: Database, labelledOnly: boolean): AsyncGenerator<Prediction[]> {
  for (let after = 0; ;) {
    const rows = await listPredictions(database, { limit: PAGE_ROWS, after, labelledOnly })
    if (rows.length > 0) yield rows
    if (rows.length < PAGE_ROWS) return
    after = rows.at(-1)!.id
  }
}

const PAGE_ROWS = 1000

async function* csvLines(
  source: AsyncIterable<readonly Prediction[]>,
  names: readonly string[],
): AsyncGenerator<string> {
  yield `${[...names, ...EXTRA_COLUMNS].map(csvCell).join(',')}\r\n`
  for await (const rows of source) {
    yield rows
      .map((row) => {
        const observation = observationOf(row)
        const values = [...names.map((name) => observation[name]), ...extras(row)]
        return `${values.map(csvCell).join(',')}\r\n`
      })
      .join('')
  }
}

const EXTRA_COLUMNS = [
  'observation_id',
  'proba',
  'predicted',
  'true_class',
  'model_version',
  'created_at',
]

const extras = (row: Prediction): unknown[] => [
  row.observationId.text,
  row.proba,
  row.predicted,
  row.trueClass,
  row.modelVersion,
  row.createdAt.toISOString(),
]

/** Cells that a spreadsheet would run as a formula get a quote in front. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : stringifyExactly(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

async function* jsonLines(source: AsyncIterable<readonly Prediction[]>): AsyncGenerator<string> {
  for await (const rows of source) {
    yield rows
      .map((row) => {
        const line = {
          observation_id: shownId(row.observationId),
          observation: observationOf(row),
          proba: row.proba,
          predicted: row.predicted,
          true_class: row.trueClass,
          model_version: row.modelVersion,
          created_at: row.createdAt.toISOString(),
        }
        return `${stringifyExactly(line)}\n`
      })
      .join('')
  }
}

/** The inner observation of the envelope that was kept. */
export function observationOf({ raw }: Pick<Prediction, 'raw'>): Record<string, unknown> {
  const envelope = parseJson(raw)
  const observation = isRecord(envelope) ? envelope['observation'] : undefined
  return isRecord(observation) ? observation : {}
}
