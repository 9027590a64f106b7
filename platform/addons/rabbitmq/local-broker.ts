import { createHash, randomBytes } from 'node:crypto'
import { access, chown, constants, mkdir, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import * as z from 'zod'
import { problem, type Home } from '../../store/index.ts'
import { choosePort, systemAccount, type Account, type Launch } from '../server-process/index.ts'

/** What the broker keeps from start to start. */
export const BrokerState = z.object({
  port: z.int(),
  managementPort: z.int(),
  /** Ports of the Erlang runtime itself, on loopback as well. */
  distributionPort: z.int(),
  epmdPort: z.int(),
  /** Of the administrator `hokku`. */
  password: z.string(),
  cookie: z.string(),
})
export type BrokerState = z.infer<typeof BrokerState>

const folderIn = ({ root }: Pick<Home, 'root'>): string => join(root, 'rabbitmq')
const stateFile = (home: Pick<Home, 'root'>): string => join(folderIn(home), 'state.json')

export async function readBrokerState(home: Pick<Home, 'root'>): Promise<BrokerState | undefined> {
  const text = await readFile(stateFile(home), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : BrokerState.parse(JSON.parse(text))
}

/**
 * Writes down everything that RabbitMQ needs for a start of its own below `HOKKU_HOME`, on loopback
 * only.
 *
 * @throws Problem `addon_unavailable` that names the command which installs it
 */
export async function prepareBroker(
  home: Pick<Home, 'root'>,
  folders: readonly string[],
): Promise<{ state: BrokerState; launch: Launch }> {
  const file = await findServer(folders)
  const account = await systemAccount('rabbitmq')
  const folder = folderIn(home)
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const state = await chooseState(await readBrokerState(home))
  await writeDurably(stateFile(home), JSON.stringify(state))
  const own = join(folder, 'broker')
  await mkdir(own, { recursive: true, mode: 0o700 })
  await give(own, account)
  for (const [name, text] of Object.entries(files(state))) {
    const mode = name === '.erlang.cookie' ? 0o400 : 0o600
    await writeDurably(join(own, name), text, mode)
    await give(join(own, name), account)
  }
  return { state, launch: { file, args: [], cwd: own, account, env: environment(own, state) } }
}

async function chooseState(before: BrokerState | undefined): Promise<BrokerState> {
  return {
    port: await choosePort(before?.port),
    managementPort: await choosePort(before?.managementPort),
    distributionPort: await choosePort(before?.distributionPort),
    epmdPort: before?.epmdPort ?? (await choosePort(undefined)),
    password: before?.password ?? randomBytes(32).toString('hex'),
    cookie: before?.cookie ?? randomBytes(32).toString('hex'),
  }
}

async function give(path: string, account: Account | undefined): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid)
}

/** @see https://www.rabbitmq.com/docs/configure */
const files = (state: BrokerState): Record<string, string> => ({
  'rabbitmq.conf': [
    `listeners.tcp.1 = 127.0.0.1:${state.port}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${state.managementPort}`,
    // We ask for nothing but users and virtual hosts: collecting figures costs memory and time.
    'management_agent.disable_metrics_collector = true',
    'default_user = hokku',
    `default_pass = ${state.password}`,
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    // Beside PostgreSQL and the apps of the same machine.
    'vm_memory_high_watermark.relative = 0.2',
    '',
  ].join('\n'),
  enabled_plugins: '[rabbitmq_management].\n',
  '.erlang.cookie': state.cookie,
})

const environment = (folder: string, state: BrokerState): NodeJS.ProcessEnv => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: folder,
  // Replaces the shell by the broker, so that our pid is its pid.
  RUNNING_UNDER_SYSTEMD: 'true',
  RABBITMQ_NODENAME: `${nodeName(folder)}@localhost`,
  RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
  RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
  RABBITMQ_MNESIA_BASE: join(folder, 'data'),
  RABBITMQ_LOG_BASE: join(folder, 'log'),
  RABBITMQ_PID_FILE: join(folder, 'pid'),
  RABBITMQ_DIST_PORT: String(state.distributionPort),
  ERL_EPMD_PORT: String(state.epmdPort),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
    // Two schedulers and no busy waiting: it idles most of the time.
    '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
})

/** Two installations of one machine must not meet. */
const nodeName = (folder: string): string =>
  `hokku-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`

/** Debian's script on PATH insists on its own folders; the one it wraps does not. */
export const brokerFolders = (searchPath: string): string[] =>
  ['/usr/lib/rabbitmq/bin', ...searchPath.split(delimiter), '/usr/sbin'].filter(
    (entry) => entry !== '',
  )

async function findServer(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const file = join(folder, 'rabbitmq-server')
    if (await isExecutable(file)) return file
  }
  throw problem('addon_unavailable', 'RabbitMQ is not installed on this machine.', {
    hint: `Install it: ${process.platform === 'darwin' ? 'brew install rabbitmq' : 'sudo apt-get install rabbitmq-server'}. Or set HOKKU_RABBITMQ_URL to your own broker.`,
  })
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
