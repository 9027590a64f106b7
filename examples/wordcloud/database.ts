import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
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
  // As on Heroku: encrypted where the server can, the certificate is not checked.
  const needsTls = !/localhost|@\/|sslmode=disable/.test(url)
  const settings = {
    connectionString: url.replace(/[?&]sslmode=[a-z-]+/, ''),
    ssl: needsTls ? { rejectUnauthorized: false } : false,
    connectionTimeoutMillis: 5000,
  }
  const pool = new pg.Pool({ ...settings, max: 5 })
  pool.on('error', (error) => console.error(`database: ${error.message}`))
  let isClosed = false
  let listener: pg.Client | undefined

  const listen = async (channel: string, hear: (payload: string) => void): Promise<void> => {
    const client = new pg.Client(settings)
    client.on('notification', ({ payload = '' }) => hear(payload))
    client.on('error', () => {})
    client.on('end', () => {
      void sleep(1000).then(() => (isClosed ? undefined : listen(channel, hear)))
    })
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      listener = client
    } catch (error) {
      console.error(`database: ${String(error)}`)
      await client.end().catch(() => {})
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

async function openEmbedded(folder: string): Promise<Database> {
  await mkdir(folder, { recursive: true })
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
