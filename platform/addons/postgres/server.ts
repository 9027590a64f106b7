import { isUnreachable, startEmbedded, withClient, type Client } from '@hokku/postgres'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../../store/index.ts'

export type ServerOptions = Readonly<{
  /** `HOKKU_POSTGRES_URL`: a server of the operator's, as a role that may create roles and databases. */
  url?: string | undefined
  /** Folder of the embedded server, when there is no `url`. */
  directory: string
  /** Certificate for 127.0.0.1 from the local authority; `pg:psql` insists on TLS. */
  tls: () => Promise<{ certFile: string; keyFile: string }>
}>

export type DatabaseServer = Readonly<{
  /** Brings it up if it is ours and down. Cheap when it runs. */
  start: () => Promise<void>
  /** `host:port` as dynos of this machine reach it; undefined before the first start. */
  endpoint: () => string | undefined
  /** What addresses for apps end with, e.g. `?sslmode=require`. */
  addressSuffix: string
  /** Runs `work` as administrator, in `database` or the maintenance one. */
  withAdmin: <T>(work: (client: Client) => Promise<T>, database?: string) => Promise<T>
}>

/**
 * The server on which databases are made. An embedded one that has died is started again by the
 * next piece of work.
 */
export function createDatabaseServer(options: ServerOptions): DatabaseServer {
  let adminUrl: string | undefined
  let startedAt = 0
  let starting: Promise<string> | undefined

  const start = (): Promise<string> => {
    starting ??= bringUp(options)
      .then((url) => {
        startedAt = Date.now()
        return (adminUrl = url)
      })
      .finally(() => (starting = undefined))
    return starting
  }

  return {
    start: async () => {
      await start()
    },
    endpoint: () => adminUrl && endpointOf(adminUrl),
    addressSuffix: suffixOf(options.url),
    withAdmin: async (work, database) => {
      let hasBegun = false
      const at = (url: string) =>
        withClient(inDatabase(url, database), (client) => {
          hasBegun = true
          return work(client)
        })
      try {
        const isFresh = Date.now() - startedAt < RENEW_MS
        return await at(isFresh && adminUrl ? adminUrl : await start())
      } catch (error) {
        // Work that has begun may be half done: only its own words can say whether to repeat it.
        if (hasBegun || !isUnreachable(error)) throw error
        return await at(await start())
      }
    },
  }
}

/** A start that finds the server running looks after its certificate, so one a day it is. */
const RENEW_MS = 24 * 60 * 60_000

async function bringUp(options: ServerOptions): Promise<string> {
  if (options.url !== undefined) return await checkExternal(options.url)
  try {
    const { adminUrl } = await startEmbedded({
      directory: options.directory,
      tls: await options.tls(),
      settings: EMBEDDED_SETTINGS,
    })
    await withClient(adminUrl, closeSharedDatabases)
    return adminUrl
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    throw problem('addon_unavailable', cause.message, {
      cause,
      hint: `${cause.hint ?? ''} Or set HOKKU_POSTGRES_URL to your own server.`.trim(),
    })
  }
}

/** Room for ten small plans at their limits; unused connections cost next to nothing. */
const EMBEDDED_SETTINGS = {
  max_connections: 300,
  // For pg:outliers and pg:calls.
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': 2000,
  // One query must not fill the disk of all.
  temp_file_limit: '10GB',
}

/**
 * Add-ons have nothing to look for in the databases that all roles may enter by default. One at a
 * time: PostgreSQL does not queue such changes, the second one fails.
 */
async function closeSharedDatabases(client: Client): Promise<void> {
  await client.query('begin; select pg_advisory_xact_lock(1)')
  await client.query('revoke connect on database postgres, template1 from public')
  await client.query('commit')
}

async function checkExternal(url: string): Promise<string> {
  const address = new URL(url)
  // Programs on the cloud refuse "localhost"; see decisions on addresses.
  if (address.hostname === 'localhost') address.hostname = '127.0.0.1'
  try {
    const { rows } = await withClient(address.href, (client) =>
      client.query<{ able: boolean }>(
        `select rolsuper or (rolcreaterole and rolcreatedb) as able from pg_roles
         where rolname = current_user`,
      ),
    )
    if (rows[0]?.able === true) return address.href
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw problem('addon_unavailable', `HOKKU_POSTGRES_URL cannot be reached: ${reason}`, { cause })
  }
  throw problem('addon_unavailable', 'The role in HOKKU_POSTGRES_URL may not create databases.', {
    hint: 'Run there as a superuser: alter role … createrole createdb',
  })
}

function endpointOf(url: string): string {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port || '5432'}`
}

/** Apps are asked to encrypt where the operator's address does; they have no certificate files. */
function suffixOf(url: string | undefined): string {
  const mode = url === undefined ? null : new URL(url).searchParams.get('sslmode')
  return mode === 'require' || mode?.startsWith('verify') ? '?sslmode=require' : ''
}

function inDatabase(url: string, database: string | undefined): string {
  if (database === undefined) return url
  const address = new URL(url)
  address.pathname = `/${database}`
  return address.href
}
