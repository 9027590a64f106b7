import type pg from 'pg'
import { problem } from '../problems.ts'
import { withClient } from '../client.ts'
import type { EmbeddedServer } from './server.ts'
import { readState } from './state.ts'

/** Role of products that run outside the platform on this machine, and their database. */
const ROLE = 'hokku'

/**
 * Makes sure that a database exists, owned by the role `hokku`.
 *
 * @returns its address, e.g. `postgres://hokku:…@127.0.0.1:15433/hokku`
 */
export async function localDatabase(
  directory: string,
  server: EmbeddedServer,
  name = ROLE,
): Promise<string> {
  const state = await readState(directory)
  if (!state) throw problem('postgres_unavailable', `${directory} holds no server.`)
  await withClient(server.adminUrl, (client) => ensureDatabase(client, name, state.localPassword))
  return `postgres://${ROLE}:${state.localPassword}@127.0.0.1:${server.port}/${encodeURIComponent(name)}`
}

/** Several programs may arrive at once; `create database` has no `if not exists`, so one at a time. */
async function ensureDatabase(client: pg.Client, name: string, password: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [name])
  if (rows.length > 0) return
  await client.query('select pg_advisory_lock($1)', [CREATION_LOCK])
  const roles = await client.query('select 1 from pg_roles where rolname = $1', [ROLE])
  if (roles.rows.length === 0) {
    await client.query(`create role ${ROLE} login password ${client.escapeLiteral(password)}`)
  }
  const databases = await client.query('select 1 from pg_database where datname = $1', [name])
  if (databases.rows.length > 0) return
  const database = client.escapeIdentifier(name)
  await client.query(`create database ${database} owner ${ROLE}`)
  await client.query(`revoke connect on database ${database} from public`)
}

/** Any constant that no one else locks in the database `postgres`; the session's end unlocks it. */
const CREATION_LOCK = 0x68_6f_6b_6c
