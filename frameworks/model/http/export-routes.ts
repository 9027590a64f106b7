import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from '@hokku/kit/http'
import * as z from 'zod'
import type { Database } from '../store/database.ts'
import { listPredictions } from '../store/find-predictions.ts'
import type { Prediction } from '../store/prediction.ts'
import { shownId } from '../service/answers.ts'
import { observationOf } from '../service/observation-of.ts'
import { parseQuery } from './queries.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'
import type { Service } from '../service/service.ts'

const labelled = z.enum(['0', '1', 'false', 'true']).default('0')
const ExportQuery = z.object({ labelled })
const FormatQuery = z.object({ labelled, format: z.enum(['csv', 'jsonl']).default('csv') })

/** GET /export.csv and /export.jsonl, or /export?format=: everything for retraining, streamed. */
export function exportRoutes(app: FastifyInstance, service: Service): void {
  app.get('/export', (request, reply) => {
    const query = parseQuery(FormatQuery, request.query)
    return send(reply, query.format, query.labelled, service)
  })
  for (const format of ['csv', 'jsonl'] as const) {
    app.get(`/export.${format}`, (request, reply) =>
      send(reply, format, parseQuery(ExportQuery, request.query).labelled, service),
    )
  }
}

const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' } as const

async function send(
  reply: FastifyReply,
  format: keyof typeof TYPES,
  only: z.infer<typeof labelled>,
  { store, registry }: Service,
): Promise<FastifyReply> {
  const labelledOnly = only === '1' || only === 'true'
  const rest = pages(store.database, labelledOnly)
  // A database that is away must fail here, while there still is a status to say so.
  const first = await rest.next()
  const source = chained(first.done === true ? [] : first.value, rest)
  const lines =
    format === 'csv' ? csvLines(source, registry.active().model.schema.names) : jsonLines(source)
  return reply
    .type(TYPES[format])
    .header('content-disposition', `attachment; filename="predictions.${format}"`)
    .send(Readable.from(lines))
}

async function* chained(
  first: readonly Prediction[],
  rest: AsyncIterable<readonly Prediction[]>,
): AsyncGenerator<readonly Prediction[]> {
  yield first
  yield* rest
}

/** Pages by the table's own key: no transaction stays open while a slow client reads. */
async function* pages(
  database: Database,
  labelledOnly: boolean,
): AsyncGenerator<readonly Prediction[]> {
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
