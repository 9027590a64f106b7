import type { Client } from '@hokku/postgres'
import { availableExtensions } from './extensions.ts'
import { planNamed } from './plans.ts'
import { DEFAULT, newPassword } from './resource.ts'
import type { Credential, DatabaseResource } from './schema.ts'
import { scramVerifier } from './scram.ts'
import type { DatabaseServer } from './server.ts'

/** Makes roles and database as the record says, even if parts are there already. */
export async function ensureDatabase(
  resource: DatabaseResource,
  plan: string,
  server: DatabaseServer,
): Promise<void> {
  const { connectionsMax } = planNamed(plan)
  const credentials = Object.entries(resource.credentials)
  await server.withAdmin(async (client) => {
    for (const [, credential] of credentials) await ensureRole(client, credential, connectionsMax)
    await createDatabase(client, resource.database, ownerOf(resource))
    await openDoor(client, resource.database)
    for (const [name, { user }] of credentials) {
      if (name === DEFAULT) continue
      await client.query(
        `grant connect, temporary on database ${id(resource.database)} to ${id(user)}`,
      )
    }
  })
  await prepareDatabase(resource.database, server)
}

/**
 * Lets everyone in who may: a restore that was cut off may have left the door shut, and an owner can
 * shut it by `alter database … connection limit 0`, for backups and rotations too.
 */
async function openDoor(client: Client, database: string): Promise<void> {
  await client.query(`alter database ${id(database)} allow_connections true connection limit -1`)
}

/** As above, for what reads a database from outside. One that is not there yet stays so. */
export async function keepOpen(
  { database }: DatabaseResource,
  server: DatabaseServer,
): Promise<void> {
  await server.withAdmin(async (client) => {
    if (await databaseExists(client, database)) await openDoor(client, database)
  })
}

/**
 * What an app cannot do by itself: the extension that `pg:outliers` and `pg:calls` read, and the list
 * that `pg:extensions` shows. A server of the operator's may not let us.
 */
async function prepareDatabase(database: string, server: DatabaseServer): Promise<void> {
  const extensions = await availableExtensions(server)
  const listed = extensions
    .filter(({ name, trusted }) => trusted || name === STATISTICS)
    .map(({ name }) => name)
    .toSorted()
  const mayAll = await server.withAdmin(async (client) => {
    const { rows } = await client.query<{ able: boolean }>(
      'select rolsuper as able from pg_roles where rolname = current_user',
    )
    if (rows[0]?.able !== true) return false
    await client.query(
      `alter database ${id(database)} set extwlist.extensions = ${literal(listed.join(','))}`,
    )
    return true
  })
  if (!mayAll || !listed.includes(STATISTICS)) return
  await server.withAdmin(
    (client) => client.query(`create extension if not exists ${id(STATISTICS)}`),
    database,
  )
}

const STATISTICS = 'pg_stat_statements'
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const ownerOf = ({ credentials }: DatabaseResource): string => {
  const owner = credentials[DEFAULT]
  if (owner === undefined) throw new TypeError('a database without a default credential')
  return owner.user
}

async function ensureRole(
  client: Client,
  { user, password }: Credential,
  connectionsMax: number,
): Promise<void> {
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [user])
  const verb = rows.length === 0 ? 'create' : 'alter'
  await client.query(
    `${verb} role ${id(user)} login connection limit ${connectionsMax}
     password '${scramVerifier(password)}'`,
  )
  // Only members may hand databases over and end sessions; a superuser is one of all roles.
  await client.query(`grant ${id(user)} to current_user`)
}

/** An empty database that only its owner may enter; nothing happens if it is there. */
export async function createDatabase(client: Client, name: string, owner: string): Promise<void> {
  if (await databaseExists(client, name)) return
  await client.query(`create database ${id(name)} owner ${id(owner)}`)
  await client.query(`revoke all on database ${id(name)} from public`)
}

async function databaseExists(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [name])
  return rows.length > 0
}

/** Removes database and roles; what is gone already is fine. */
export async function dropDatabase(
  resource: DatabaseResource,
  server: DatabaseServer,
): Promise<void> {
  await server.withAdmin(async (client) => {
    for (const name of [resource.database, freshName(resource), formerName(resource)]) {
      await client.query(`drop database if exists ${id(name)} with (force)`)
    }
    const users = Object.values(resource.credentials).map(({ user }) => user)
    for (const user of [...users, maintenanceRole(resource)]) {
      await client.query(`drop role if exists ${id(user)}`)
    }
  })
}

/** Removes one credential; what it owns goes to the default one. */
export async function dropCredential(
  resource: DatabaseResource,
  name: string,
  server: DatabaseServer,
): Promise<void> {
  const user = resource.credentials[name]?.user
  if (user === undefined) return
  await server.withAdmin(async (client) => {
    const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [user])
    if (rows.length === 0) return
    await client.query(`reassign owned by ${id(user)} to ${id(ownerOf(resource))}`)
    await client.query(`drop owned by ${id(user)}`)
  }, resource.database)
  await server.withAdmin((client) => client.query(`drop role if exists ${id(user)}`))
}

/** Makes an empty database beside the present one, for `swapDatabase` to put in its place. */
export async function createFresh(
  resource: DatabaseResource,
  server: DatabaseServer,
  extensions: readonly string[] = [],
): Promise<string> {
  const fresh = freshName(resource)
  await server.withAdmin(async (client) => {
    await client.query(`drop database if exists ${id(fresh)} with (force)`)
    await createDatabase(client, fresh, ownerOf(resource))
    for (const [name, { user }] of Object.entries(resource.credentials)) {
      if (name === DEFAULT) continue
      await client.query(`grant connect, temporary on database ${id(fresh)} to ${id(user)}`)
    }
  })
  await server.withAdmin(async (client) => {
    for (const extension of extensions) await createExtension(client, extension, resource)
  }, fresh)
  await prepareDatabase(fresh, server)
  return fresh
}

/** @param wanted `hstore`, or `myschema.hstore` for its own schema */
async function createExtension(
  client: Client,
  wanted: string,
  resource: DatabaseResource,
): Promise<void> {
  const [name = '', schema] = wanted.split('.').toReversed()
  if (schema !== undefined) {
    const owner = id(ownerOf(resource))
    await client.query(`create schema if not exists ${id(schema)} authorization ${owner}`)
  }
  const place = schema === undefined ? '' : ` with schema ${id(schema)}`
  await client.query(`create extension if not exists ${id(name)}${place}`)
}

/**
 * Puts the fresh database in the place of the present one, in one transaction, and then drops the
 * former. All connections are closed.
 */
export async function swapDatabase(
  resource: DatabaseResource,
  server: DatabaseServer,
): Promise<void> {
  const [present, fresh, former] = [resource.database, freshName(resource), formerName(resource)]
  await server.withAdmin(async (client) => {
    await client.query(`drop database if exists ${id(former)} with (force)`)
    await client.query(`alter database ${id(present)} allow_connections false`)
    try {
      await disconnect(client, [present, fresh])
      await client.query('begin')
      await client.query(`alter database ${id(present)} rename to ${id(former)}`)
      await client.query(`alter database ${id(fresh)} rename to ${id(present)}`)
      await client.query('commit')
    } catch (error) {
      await client.query('rollback').catch(() => {})
      await client.query(`alter database ${id(present)} allow_connections true`)
      throw error
    }
    await client.query(`drop database if exists ${id(former)} with (force)`)
  })
}

/** Forgets a fresh database that did not come to anything. */
export async function dropFresh(resource: DatabaseResource, server: DatabaseServer): Promise<void> {
  await server.withAdmin((client) =>
    client.query(`drop database if exists ${id(freshName(resource))} with (force)`),
  )
}

/** At start, when no restore is under way: removes what interrupted ones have left. */
export async function dropLeftovers(
  resources: readonly DatabaseResource[],
  server: DatabaseServer,
): Promise<void> {
  const names = resources.flatMap((resource) => [freshName(resource), formerName(resource)])
  await server.withAdmin(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where datname = any($1)',
      [names],
    )
    for (const { name } of rows) await client.query(`drop database ${id(name)} with (force)`)
  })
}

/** Ends all connections of clients to a database; they may come back. */
export async function resetConnections(
  resource: DatabaseResource,
  server: DatabaseServer,
): Promise<void> {
  await server.withAdmin((client) => disconnect(client, [resource.database]))
}

async function disconnect(client: Client, databases: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < DISCONNECT_TRIES; attempt++) {
    const { rows } = await client.query(
      `select pg_terminate_backend(pid, $2) from pg_stat_activity
       where datname = any($1) and pid <> pg_backend_pid() and backend_type = 'client backend'`,
      [databases, DISCONNECT_WAIT_MS],
    )
    if (rows.length === 0) return
  }
}

const DISCONNECT_TRIES = 20
const DISCONNECT_WAIT_MS = 1000

/**
 * Runs `work` with a role that has the owner's rights and connections of its own: an app that has
 * used up its connections must not keep its database from being backed up.
 */
export async function withMaintenanceRole<T>(
  resource: DatabaseResource,
  server: DatabaseServer,
  work: (credential: Credential) => Promise<T>,
): Promise<T> {
  const credential = { user: maintenanceRole(resource), password: newPassword() }
  await server.withAdmin(async (client) => {
    await ensureRole(client, credential, MAINTENANCE_CONNECTIONS)
    await client.query(`grant ${id(ownerOf(resource))} to ${id(credential.user)}`)
  })
  try {
    return await work(credential)
  } finally {
    await server.withAdmin((client) => client.query(`alter role ${id(credential.user)} nologin`))
  }
}

/** A program, its successor, and what a person looks up meanwhile. */
const MAINTENANCE_CONNECTIONS = 5

const maintenanceRole = ({ database }: DatabaseResource): string => `${database}_maintenance`
const freshName = ({ database }: DatabaseResource): string => `${database}_fresh`
const formerName = ({ database }: DatabaseResource): string => `${database}_former`

/** Quotes an identifier, although all of ours are plain. */
const id = (name: string): string => `"${name.replaceAll('"', '""')}"`
