/** Settings of `postgresql.conf` by name, in its own units, e.g. `{ shared_buffers: '64MB' }`. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/**
 * Small enough to idle beside a developer's other programs, safe enough to keep data in: every
 * commit is on disk before it is acknowledged.
 */
export const DEFAULT_SETTINGS: Settings = {
  max_connections: 150,
  superuser_reserved_connections: 5,
  shared_buffers: '64MB',
  work_mem: '4MB',
  maintenance_work_mem: '48MB',
  effective_cache_size: '512MB',
  max_wal_size: '512MB',
  min_wal_size: '64MB',
  // This server has no replicas; less to write per commit, and bulk loads skip the log.
  wal_level: 'minimal',
  max_wal_senders: 0,
  autovacuum_max_workers: 2,
  max_worker_processes: 4,
  max_parallel_workers: 2,
  jit: false,
  fsync: true,
  synchronous_commit: true,
  full_page_writes: true,
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %u@%d ',
  // One file a weekday, overwritten a week later: bounded without anyone looking after it.
  logging_collector: true,
  log_directory: 'log',
  log_filename: 'server-%a.log',
  log_truncate_on_rotation: true,
  log_rotation_age: '1d',
  log_rotation_size: 0,
  // Statements of applications may hold their users' data; their errors are theirs to log.
  log_min_error_statement: 'panic',
}

export type ServerAddress = Readonly<{
  port: number
  /** Undefined where the path would be longer than the kernel's limit for sockets. */
  socketDirectory?: string
  tls?: Readonly<{ certFile: string; keyFile: string }>
}>

/** The whole `postgresql.conf` of a server: written anew at each start. */
export function renderSettings(address: ServerAddress, settings: Settings): string {
  const all: Settings = {
    ...DEFAULT_SETTINGS,
    listen_addresses: '127.0.0.1',
    ...settings,
    port: address.port,
    unix_socket_directories: address.socketDirectory ?? '',
    ssl: address.tls !== undefined,
    ...(address.tls && { ssl_cert_file: address.tls.certFile, ssl_key_file: address.tls.keyFile }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${quote(value)}`)
  return `# Written by hokku at each start; use ALTER SYSTEM for your own changes.\n${lines.join('\n')}\n`
}

/** Who may connect from where: always by password, from other machines over TLS only. */
export const ACCESS_RULES = `# Written by hokku at each start.
local    all  all                  scram-sha-256
host     all  all    127.0.0.1/32  scram-sha-256
host     all  all    ::1/128       scram-sha-256
hostssl  all  postgres  all        reject
hostssl  all  all    all           scram-sha-256
`

function quote(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}
