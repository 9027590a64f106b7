import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export type Row = Record<string, unknown>
export type Query = (sql: string, values?: readonly unknown[]) => Promise<Row[]>

export type Database = Readonly<{
  query: Query
  /** All of `work`, or nothing. */
  transaction: <T>(work: (query: Query) => Promise<T>) => Promise<T>
  /** Calls `hear` with every payload that is notified, also after a lost connection. */
  listen: (channel: string, hear: (payload: string) => void) => Promise<void>
  close: () => Promise<void>
}>

/** PostgreSQL at `url`, or one inside this process that keeps its files in `folder`. */
export const openDatabase = (url: string | undefined, folder: string): Promise<Database> =>
  url === undefined ? openEmbedded(folder) : Promise.resolve(openServer(url))

function openServer(url: string): Database {
  const settings = { ...encrypted(url), connectionTimeoutMillis: CONNECT_MS_MAX }
  const pool = new pg.Pool({ ...settings, max: CONNECTIONS_MAX })
  pool.on('error', (error) => console.error(`database: ${error.message}`))
  let isClosed = false
  let listener: pg.Client | undefined

  const listen = async (channel: string, hear: (payload: string) => void): Promise<void> => {
    const client = new pg.Client(settings)
    client.on('notification', ({ payload = '' }) => hear(payload))
    client.on('error', () => {})
    const again = once(() => {
      void sleep(LISTEN_AGAIN_MS).then(() => (isClosed ? undefined : listen(channel, hear)))
    })
    client.on('end', again)
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      listener = client
    } catch (error) {
      console.error(`database: ${String(error)}`)
      await client.end().catch(() => {})
      again()
    }
  }
  return {
    query: async (sql, values = []) => (await pool.query<Row>(sql, [...values])).rows,
    transaction: async (work) => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const result = await work(
          async (sql, values = []) => (await client.query<Row>(sql, [...values])).rows,
        )
        await client.query('commit')
        client.release()
        return result
      } catch (error) {
        await client.query('rollback').catch(() => {})
        client.release(true)
        throw error
      }
    },
    listen,
    close: async () => {
      isClosed = true
      await listener?.end()
      await pool.end()
    },
  }
}

const CONNECT_MS_MAX = 5000
const CONNECTIONS_MAX = 5
const LISTEN_AGAIN_MS = 1000

/** As on Heroku: encrypted, with a self-signed certificate; within a machine, plain. */
export function encrypted(url: string): { connectionString: string; ssl: pg.PoolConfig['ssl'] } {
  const { hostname, searchParams } = URL.parse(url) ?? new URL('postgres://localhost')
  const isHere = /^(localhost|127\.[\d.]+|\[::1\]|)$/.test(hostname)
  const mode = searchParams.get('sslmode') ?? (isHere ? 'disable' : 'require')
  return {
    // The driver has its own ideas about what the word means.
    connectionString: url.replace(/([?&])sslmode=[a-z-]+&?/, '$1').replace(/[?&]$/, ''),
    ssl: /^(disable|allow|prefer)$/.test(mode) ? false : { rejectUnauthorized: false },
  }
}

/** What comes first, an error or the end, is all there is to it. */
function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}

async function openEmbedded(folder: string): Promise<Database> {
  await mkdir(folder, { recursive: true })
  // Large, and not needed where there is a server.
  const { PGlite } = await import('@electric-sql/pglite')
  const lite = await PGlite.create(join(folder, 'postgres'))
  return {
    query: async (sql, values = []) => (await lite.query<Row>(sql, [...values])).rows,
    transaction: (work) =>
      lite.transaction((inside) =>
        work(async (sql, values = []) => (await inside.query<Row>(sql, [...values])).rows),
      ),
    listen: async (channel, hear) => {
      await lite.listen(channel, hear)
    },
    close: () => lite.close(),
  }
}
