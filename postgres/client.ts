import pg from 'pg'
import { requirePostgresUrl } from './address.ts'
import { splitTls, tlsOptions } from './tls.ts'

export type Client = pg.Client

/** Runs `work` on its own connection: for rare administrative work that a pool would hold up. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  options: Readonly<{ applicationName?: string }> = {},
): Promise<T> {
  const { address, tls } = splitTls(requirePostgresUrl(url))
  const client = new pg.Client({
    connectionString: address,
    ssl: tlsOptions(tls),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: options.applicationName ?? 'hokku admin',
  })
  // A server that stops meanwhile fails the query; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

const CONNECT_TIMEOUT_MS = 10_000

/** Whether an error means that no server was there to answer, rather than that it said no. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return UNREACHABLE.has(String(error.code))
}

/**
 * Whether the values of a statement are at fault, not the server: SQLSTATE classes 22 (data), 23
 * (constraint) and 54 (limit). In a batch one row may have caused it for all.
 */
export function isDataFault(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return /^(?:22|23|54)[0-9A-Z]{3}$/.test(String(error.code))
}

/** Node's codes for a connection that failed, and PostgreSQL's for a server that goes or comes. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', '57P01', '57P03'])
