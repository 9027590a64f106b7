import type pg from 'pg'
import { problem } from '../problems.ts'
import { withClient } from '../client.ts'
import type { EmbeddedServer } from './server.ts'
import { readState } from './state.ts'

/** Role and database of products that run outside the platform on this machine. */
const NAME = 'hokku'

/**
 * Makes sure that the database `hokku` exists, owned by its own role.
 *
 * @returns its address, e.g. `postgres://hokku:…@127.0.0.1:15433/hokku`
 */
export async function localDatabase(directory: string, server: EmbeddedServer): Promise<string> {
  const state = await readState(directory)
  if (!state) throw problem('postgres_unavailable', `${directory} holds no server.`)
  await withClient(server.adminUrl, (client) => ensureDatabase(client, state.localPassword))
  return `postgres://${NAME}:${state.localPassword}@127.0.0.1:${server.port}/${NAME}`
}

/** Several programs may arrive at once; `create database` has no `if not exists`, so one at a time. */
async function ensureDatabase(client: pg.Client, password: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [NAME])
  if (rows.length > 0) return
  await client.query('select pg_advisory_lock($1)', [CREATION_LOCK])
  const roles = await client.query('select 1 from pg_roles where rolname = $1', [NAME])
  if (roles.rows.length === 0) {
    await client.query(`create role ${NAME} login password ${client.escapeLiteral(password)}`)
  }
  const databases = await client.query('select 1 from pg_database where datname = $1', [NAME])
  if (databases.rows.length > 0) return
  await client.query(`create database ${NAME} owner ${NAME}`)
  await client.query(`revoke connect on database ${NAME} from public`)
}

/** Any constant that no one else locks in the database `postgres`; the session's end unlocks it. */
const CREATION_LOCK = 0x68_6f_6b_6c
