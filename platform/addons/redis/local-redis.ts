import { createHash } from 'node:crypto'
import { access, chown, constants, copyFile, mkdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import * as z from 'zod'
import { problem, type Home } from '../../store/index.ts'
import { choosePort, systemAccount, type Account, type Launch } from '../server-process/index.ts'
import type { RedisPlan } from './plans.ts'
import { RedisResource } from './resource.ts'

/** What one server keeps from start to start, in a file that only we read. */
export const RedisState = z.object({
  port: z.int(),
  tlsPort: z.int(),
  memoryMb: z.int(),
  connectionsMax: z.int(),
  resource: RedisResource,
})
export type RedisState = z.infer<typeof RedisState>

export type RedisHome = Pick<Home, 'root' | 'run' | 'logs'>

/** Files of a certificate for 127.0.0.1. */
export type LeafFiles = () => Promise<Readonly<{ certFile: string; keyFile: string }>>

export type RedisOptions = Readonly<{
  home: RedisHome
  tls: LeafFiles
  /** In which `redis-server` is looked for; see `redisFolders`. */
  folders: readonly string[]
}>

/** Below it is a folder for each server. */
export const redisRoot = ({ root }: Pick<Home, 'root'>): string => join(root, 'redis')
const stateFile = (home: Pick<Home, 'root'>, name: string): string =>
  join(redisRoot(home), name, 'state.json')

export async function readState(
  home: Pick<Home, 'root'>,
  name: string,
): Promise<RedisState | undefined> {
  const text = await readFile(stateFile(home, name), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : RedisState.parse(JSON.parse(text))
}

/** Writes down what a server is to be: before it is started, so that a restart finds it. */
export async function writeState(
  home: Pick<Home, 'root'>,
  resource: RedisResource,
  { memoryMb, connectionsMax }: RedisPlan,
): Promise<void> {
  const before = await readState(home, resource.name)
  const state: RedisState = {
    port: before?.port ?? (await choosePort(undefined)),
    tlsPort: before?.tlsPort ?? (await choosePort(undefined)),
    memoryMb,
    connectionsMax,
    resource,
  }
  await mkdir(join(redisRoot(home), resource.name), { recursive: true, mode: 0o711 })
  await writeDurably(stateFile(home, resource.name), JSON.stringify(state))
}

/**
 * Writes the settings file of one server, as its own system user may read it.
 *
 * @throws Problem `addon_unavailable` that names the command which installs Redis
 */
export async function prepareRedis(
  { home, folders, tls }: RedisOptions,
  name: string,
): Promise<{ state: RedisState; launch: Launch }> {
  const file = await findRedis(folders)
  const account = await systemAccount('hokku-redis')
  const before = await readState(home, name)
  if (before === undefined) throw new Error(`${name} has no state to start from`)
  const state = {
    ...before,
    port: await choosePort(before.port),
    tlsPort: await choosePort(before.tlsPort),
  }
  await writeDurably(stateFile(home, name), JSON.stringify(state))
  const own = join(redisRoot(home), name, 'server')
  await mkdir(own, { recursive: true, mode: 0o700 })
  const { certFile, keyFile } = await tls()
  await copyFile(certFile, join(own, 'cert.pem'))
  await copyFile(keyFile, join(own, 'key.pem'))
  await writeDurably(join(own, 'redis.conf'), settingsFile(own, state), 0o600)
  for (const path of [own, ...['cert.pem', 'key.pem', 'redis.conf'].map((one) => join(own, one))]) {
    await give(path, account)
  }
  const launch = { file, args: [join(own, 'redis.conf')], cwd: own, account, env: ENVIRONMENT }
  return { state, launch }
}

const ENVIRONMENT: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }

async function give(path: string, account: Account | undefined): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid)
}

/** @see https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/ */
function settingsFile(folder: string, state: RedisState): string {
  const { resource } = state
  return [
    'bind 127.0.0.1',
    `port ${state.port}`,
    `tls-port ${state.tlsPort}`,
    `tls-cert-file ${join(folder, 'cert.pem')}`,
    `tls-key-file ${join(folder, 'key.pem')}`,
    'tls-auth-clients no',
    `dir ${folder}`,
    // Each second at the latest what was written is on disk.
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'daemonize no',
    ...accessRules(resource).map((rule) => `user ${rule.join(' ')}`),
    ...Object.entries(liveSettings(state)).map(([name, value]) => `${name} ${quoted(value)}`),
    '',
  ].join('\n')
}

const quoted = (value: string): string => (value === '' ? '""' : value)

/** Settings that a running server takes over as well. */
export const liveSettings = ({
  memoryMb,
  connectionsMax,
  resource: { settings },
}: RedisState): Record<string, string> => ({
  maxmemory: String(memoryMb * 1024 * 1024),
  // One more, for us.
  maxclients: String(connectionsMax + 1),
  'maxmemory-policy': settings.maxmemory_policy,
  timeout: String(settings.timeout),
  'notify-keyspace-events': settings.notify_keyspace_events,
})

/**
 * Who may do what. The app may do everything with its data, and nothing with the server itself: that
 * could write files and reach other servers.
 */
export const accessRules = ({ password, adminPassword }: RedisResource): string[][] => [
  ['default', 'reset', 'on', `#${hashed(password)}`, '~*', '&*', '+@all', ...FORBIDDEN],
  ['hokku', 'reset', 'on', `#${hashed(adminPassword)}`, '~*', '&*', '+@all'],
]

const FORBIDDEN = [
  'acl',
  'bgrewriteaof',
  'bgsave',
  'cluster',
  'config',
  'debug',
  'failover',
  'migrate',
  'module',
  'psync',
  'replconf',
  'replicaof',
  'restore-asking',
  'save',
  'shutdown',
  'slaveof',
  'sync',
].map((command) => `-${command}`)

const hashed = (password: string): string => createHash('sha256').update(password).digest('hex')

export const redisFolders = (searchPath: string): string[] =>
  [...searchPath.split(delimiter), '/usr/bin', '/usr/local/bin'].filter((entry) => entry !== '')

/** What `redis-server` is called; Debian 13 has Valkey as well. */
const REDIS_PROGRAMS = ['redis-server', 'valkey-server'] as const

async function findRedis(folders: readonly string[]): Promise<string> {
  for (const program of REDIS_PROGRAMS) {
    for (const folder of folders) {
      const file = join(folder, program)
      if (await isExecutable(file)) return file
    }
  }
  throw problem('addon_unavailable', 'Redis is not installed on this machine.', {
    hint: `Install it: ${process.platform === 'darwin' ? 'brew install redis' : 'sudo apt-get install redis-server'}. Its own service is not needed and may be off.`,
  })
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
