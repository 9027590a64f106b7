import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { type Call, defineCommand } from '@hokku/kit/command-line'
import { homeAt, openStore, problem, type Home } from '../../store/index.ts'
import { finishRestore } from '../../backup/index.ts'
import { openHome } from '../check-home.ts'
import { greet } from '../greeting.ts'
import { apiUrl, findInstallation, homeOf, type Address } from '../installation.ts'
import { writeLaunchers } from '../launchers.ts'
import { isUp, makeFolders } from '../supervisor/platform.ts'
import { waitUntilUp } from '../supervisor/readiness.ts'

const CLI = join(import.meta.dirname, '..')

export const UP_OPTIONS = {
  port: {
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 8080,
    description: 'The one port for apps, API and git, HTTP and TLS.',
  },
  home: {
    type: 'string',
    placeholder: 'directory',
    description: 'Keeps all files of the platform here.',
    defaultText: 'HOKKU_HOME, or ~/.hokku',
  },
  domain: {
    type: 'string',
    default: 'localhost',
    description: 'Serves apps at <app>.<domain>; any but localhost listens on all addresses.',
  },
  bind: {
    type: 'string',
    placeholder: 'address',
    description: 'The network address to listen on.',
    defaultText: '127.0.0.1, or 0.0.0.0 with --domain',
  },
  detach: {
    type: 'boolean',
    description: 'Returns as soon as the platform answers, and leaves it running.',
  },
} as const

export const command = defineCommand({
  summary: 'Starts the platform.',
  details: 'Without --detach it stays in the foreground until you press Ctrl-C.',
  examples: ['hokku up --detach', 'hokku up --domain apps.example.com --port 443 --detach'],
  options: UP_OPTIONS,
  run: ({ options }, env: NodeJS.ProcessEnv) => start(options, env),
})

type Options = Call<typeof UP_OPTIONS, never>['options']

async function start(options: Options, env: NodeJS.ProcessEnv): Promise<number> {
  const home = options.home === undefined ? homeOf(env) : homeAt(resolve(options.home))
  const address = {
    port: options.port,
    domain: options.domain.toLowerCase(),
    // Only a platform that is meant for others listens to others.
    bind: options.bind ?? (options.domain === 'localhost' ? '127.0.0.1' : '0.0.0.0'),
  }
  checkNotRunning(home)
  if (!isUp(home, 'router')) await checkPortFree(address)
  // A restore that was cut off after its last check continues; before, it has touched nothing.
  finishRestore(home)
  makeFolders(home)
  // Before anything starts: a state or settings that cannot be read are reported here, not in a log.
  openStore(home).close()
  const { readExternalBroker, readExternalSearch, readExternalStorage } =
    await import('../../addons/index.ts')
  readExternalBroker(env)
  readExternalSearch(env)
  readExternalStorage(env)
  openHome(home.root, process.getuid?.() === 0)
  await writeLaunchers(home)
  warmUp(env)
  const supervisor = [
    join(CLI, 'supervisor/main.ts'),
    home.root,
    String(address.port),
    address.domain,
    address.bind,
  ]
  return options.detach ? await detach(home, supervisor) : become(supervisor, env)
}

function checkNotRunning(home: Home): void {
  const running = findInstallation(home)
  if (running === undefined) return
  const { pid } = running.supervisor
  throw problem('home_locked', `hokku is already running on ${home.root} (pid ${pid}).`, {
    hint: `It answers at ${apiUrl(running.address)}. Stop it with: hokku down`,
  })
}

async function checkPortFree({ port, bind }: Address): Promise<void> {
  await new Promise<void>((done, fail) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        problem('port_in_use', `Port ${port} on ${bind} cannot be used: ${error.code}.`, {
          hint: 'Choose another one: hokku up --port 8081',
          cause: error,
        }),
      ),
    )
    server.listen(port, bind, () => server.close(() => done()))
  })
}

/** Once per checkout; see `warm-up.ts`. Costs a second, saves 60 MB for as long as it runs. */
function warmUp(env: NodeJS.ProcessEnv): void {
  const cache = env['NODE_COMPILE_CACHE']
  if (cache === undefined || existsSync(join(cache, 'warm'))) return
  try {
    mkdirSync(cache, { recursive: true })
    execFileSync(process.execPath, [join(CLI, 'warm-up.ts')], { env, stdio: 'ignore' })
    writeFileSync(join(cache, 'warm'), '')
  } catch {
    // A folder that cannot be written: everything works, with more memory.
  }
}

/** Starts the supervisor without a terminal, and returns once everything answers. */
async function detach(home: Home, supervisor: readonly string[]): Promise<number> {
  const log = openSync(join(home.logs, 'supervisor.log'), 'a', 0o600)
  const child = spawn(process.execPath, supervisor, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let hasEnded = false
  child.on('exit', () => (hasEnded = true))
  await waitUntilUp(home, () => hasEnded)
  child.unref()
  await greet(home)
  return 0
}

/** Replaces this process, which carries all that `up` has loaded, by the supervisor alone. */
function become(supervisor: readonly string[], env: NodeJS.ProcessEnv): never {
  const options = ['--disable-warning=ExperimentalWarning']
  process.execve?.(process.execPath, [process.execPath, ...options, ...supervisor], {
    ...env,
    HOKKU_ANNOUNCE: '1',
  })
  throw new Error('this system cannot replace a running process')
}
