import type { Addon } from '../../store/index.ts'
import { planNamed } from './plans.ts'
import type { DatabaseResource } from './schema.ts'
import type { DatabaseServer } from './server.ts'

/** One line of `pg:info`. */
export type InfoLine = Readonly<{ name: string; values: readonly string[] }>

type Facts = Readonly<{ bytes: string; tables: number; connections: number; version: string }>

/** What `pg:info` prints about a database that is there. */
export async function describeDatabase(
  addon: Addon,
  resource: DatabaseResource,
  server: DatabaseServer,
): Promise<InfoLine[]> {
  const { humanName, connectionsMax } = planNamed(addon.plan)
  const facts = await server.withAdmin(
    (client) => client.query<Facts>(FACTS, [resource.database]),
    resource.database,
  )
  const { bytes = '0', tables = 0, connections = 0, version = '' } = facts.rows[0] ?? {}
  return [
    line('Plan', humanName),
    line('Status', 'Available'),
    line('Connections', `${connections}/${connectionsMax}`),
    line('PG Version', version.split(' ')[0] ?? version),
    line('Created', addon.createdAt),
    line('Data Size', formatBytes(Number(bytes))),
    line('Tables', String(tables)),
    line('Fork/Follow', 'Unsupported'),
    line('Rollback', 'Unsupported'),
    line('Continuous Protection', 'Off'),
  ]
}

/** What it prints while there is nothing to ask. */
export const describePending = (addon: Addon): InfoLine[] => [
  line('Plan', planNamed(addon.plan).humanName),
  line('Status', addon.state === 'provisioning' ? 'Preparing' : 'Unavailable'),
  line('Created', addon.createdAt),
]

const FACTS = `select pg_database_size($1)::text as bytes,
  (select count(*)::int from pg_stat_user_tables) as tables,
  (select count(*)::int from pg_stat_activity
    where datname = $1 and pid <> pg_backend_pid() and backend_type = 'client backend')
    as connections,
  current_setting('server_version') as version`

export async function databaseBytes(
  resource: DatabaseResource,
  server: DatabaseServer,
): Promise<number> {
  const { rows } = await server.withAdmin((client) =>
    client.query<{ bytes: string }>('select pg_database_size($1)::text as bytes', [
      resource.database,
    ]),
  )
  return Number(rows[0]?.bytes ?? 0)
}

const line = (name: string, ...values: string[]): InfoLine => ({ name, values })

function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const exponent = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1024 ** exponent
  return `${exponent === 0 ? value : value.toFixed(1)} ${units[exponent]}`
}
