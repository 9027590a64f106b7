import pg from 'pg'
import { requirePostgresUrl } from './address.ts'
import { splitTls, tlsOptions } from './tls.ts'

export type { Pool, PoolClient } from 'pg'

export type PoolOptions = Readonly<{
  /** Most connections at once; the small Heroku plans allow 20 in all, over all dynos of an app. */
  max: number
  /** Shown in `pg_stat_activity` and `heroku pg:ps`. */
  applicationName?: string
  /** Longest time one statement may take, in milliseconds; unlimited by default. */
  statementTimeoutMs?: number
  /**
   * Statements that are asked of one connection at once are sent at once, not each after the answer
   * to the one before. Cursors and COPY are not possible then.
   */
  isPipelined?: boolean
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  onIdleError?: (error: Error) => void
}>

/** A connection pool for a `postgres://` address, with TLS as its `sslmode` asks. Opens lazily. */
export function openPool(url: string, options: PoolOptions): pg.Pool {
  const { address, tls } = splitTls(requirePostgresUrl(url))
  const pool = new pg.Pool({
    connectionString: address,
    ssl: tlsOptions(tls),
    max: options.max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    pipeline: options.isPipelined ?? false,
    application_name: options.applicationName ?? 'hokku',
    ...(options.statementTimeoutMs === undefined
      ? {}
      : { statement_timeout: options.statementTimeoutMs }),
  })
  // Without a listener a server restart would end the process: 'error' events throw by default.
  pool.on('error', options.onIdleError ?? printIdleError)
  return pool
}

/** Longest wait for a free or new connection; beyond it the server is down or the pool is stuck. */
const CONNECT_TIMEOUT_MS = 10_000

/** Idle connections are given back after this time, since each costs the server some megabytes. */
const IDLE_TIMEOUT_MS = 30_000

function printIdleError(error: Error): void {
  console.error(`An idle database connection broke and was dropped: ${error.message}`)
}
