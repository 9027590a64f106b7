import type { Pool } from 'pg'
import { problem } from '../../problems.ts'
import { foldProperties, hasAll, type PropertyMap, type SpecialEvent } from '../aggregation.ts'
import type { Feed, Properties, StoredEvent } from '../event.ts'
import type { AggregateFilter, EventFilter, EventStore, Page } from '../event-store.ts'
import { parseLenientJson } from '../lenient-json.ts'
import { eventOfRow, READ_COLUMNS } from './columns.ts'
import { copyRows } from './copy-rows.ts'
import { columnSql, specialEventsSql, whereOf } from './event-filter-sql.ts'
import { importLines } from './import-lines.ts'
import { InsertQueue } from './insert-queue.ts'

/** The event store on PostgreSQL. The pool belongs to the store: `close` ends it. */
export function createPostgresEvents(pool: Pool): EventStore {
  const queue = new InsertQueue(pool)
  return {
    insert: (feed, event) => queue.insert(feed, event),
    get: async (feed, id) => (await findEvents(pool, feed, { id }))[0],
    delete: async ({ appId, channelId }, id) => {
      const result = await pool.query(
        'delete from pio_events where app_id = $1 and channel_id = $2 and id = $3',
        [appId, channelId, id],
      )
      return result.rowCount === 1
    },
    find: (feed, filter, page) => findEvents(pool, feed, filter, page),
    async *stream(feed, filter, page = {}) {
      const limit = page.limit === undefined ? 'all' : Math.trunc(page.limit)
      const query = `select ${READ_COLUMNS} from pio_events where ${whereOf(feed, filter)}
        ${orderBy(page)} limit ${limit}`
      for await (const rows of copyRows(pool, query)) yield rows.map(eventOfRow)
    },
    readColumns: (feed, filter, columns) =>
      copyRows(
        pool,
        `select ${columns.map(columnSql).join(', ')} from pio_events
          where ${whereOf(feed, filter)} order by event_time, seq`,
      ),
    aggregateProperties: (feed, filter) => aggregate(pool, feed, filter),
    importLines: (feed, lines, options) => importLines(pool, feed, lines, options),
    count: async (feed) => {
      const result = await pool.query<{ count: string }>(
        `select count(*) from pio_events where ${whereOf(feed, {})}`,
      )
      return Number(result.rows[0]?.count)
    },
    clear: async (feed) => {
      await pool.query(`delete from pio_events where ${whereOf(feed, {})}`)
    },
    close: async () => {
      await queue.drain()
      await pool.end()
    },
  }
}

async function findEvents(
  pool: Pool,
  feed: Feed,
  filter: EventFilter & { id?: string },
  page: Page = {},
): Promise<StoredEvent[]> {
  if (filter.id?.includes('\0')) return []
  const byId = filter.id === undefined ? '' : 'and id = $2'
  const query = {
    text: `select ${READ_COLUMNS} from pio_events where ${whereOf(feed, filter)} ${byId}
      ${orderBy(page)} limit $1`,
    values: filter.id === undefined ? [page.limit] : [page.limit, filter.id],
    rowMode: 'array' as const,
    query_timeout: page.timeoutMs,
  }
  try {
    const result = await pool.query<(string | null)[]>(query)
    return result.rows.map(eventOfRow)
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'Query read timeout') throw error
    throw problem('storage_unreachable', `No events within ${page.timeoutMs} ms.`)
  }
}

const orderBy = ({ reversed }: Page): string =>
  reversed === true ? 'order by event_time desc, seq desc' : 'order by event_time, seq'

async function aggregate(
  pool: Pool,
  feed: Feed,
  filter: AggregateFilter,
): Promise<Map<string, PropertyMap>> {
  const found = new Map<string, PropertyMap>()
  const required = filter.required ?? []
  let entityId: string | null | undefined
  let open: SpecialEvent[] = []
  const close = (): void => {
    const map = foldProperties(open)
    if (map !== undefined && hasAll(map, required)) found.set(entityId ?? '', map)
  }
  for await (const rows of copyRows(pool, specialEventsSql(feed, filter))) {
    for (const [id, event, properties, ms] of rows) {
      if (id !== entityId) {
        close()
        entityId = id
        open = []
      }
      const values = parseLenientJson(properties ?? '{}') as Properties
      open.push({ event: event ?? '', properties: values, ms: Number(ms) })
    }
  }
  close()
  return found
}
