import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { homeAt, openStore, problem, type Home } from '../../store/index.ts'
import { greet } from '../greeting.ts'
import { apiUrl, findInstallation, homeOf, type Address } from '../installation.ts'
import { writeLaunchers } from '../launchers.ts'
import type { Command } from '../main.ts'
import { isUp, makeFolders } from '../supervisor/platform.ts'
import { waitUntilUp } from '../supervisor/readiness.ts'

const CLI = join(import.meta.dirname, '..')

/** `hokku up`: starts the platform and becomes its supervisor, or with `--detach` leaves one behind. */
export const run: Command = async (args, env) => {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8080' },
      home: { type: 'string' },
      domain: { type: 'string', default: 'localhost' },
      bind: { type: 'string' },
      detach: { type: 'boolean', default: false },
    },
  })
  const home = values.home === undefined ? homeOf(env) : homeAt(resolve(values.home))
  const address = {
    port: parsePort(values.port),
    domain: values.domain.toLowerCase(),
    // Only a platform that is meant for others listens to others.
    bind: values.bind ?? (values.domain === 'localhost' ? '127.0.0.1' : '0.0.0.0'),
  }
  checkNotRunning(home)
  if (!isUp(home, 'router')) await checkPortFree(address)
  makeFolders(home)
  // Before anything starts: a state or settings that cannot be read are told here, not in a log.
  openStore(home).close()
  const { readExternalBroker, readExternalSearch, readExternalStorage } =
    await import('../../addons/index.ts')
  readExternalBroker(env)
  readExternalSearch(env)
  readExternalStorage(env)
  await writeLaunchers(home)
  warmUp(env)
  const supervisor = [
    join(CLI, 'supervisor/main.ts'),
    home.root,
    String(address.port),
    address.domain,
    address.bind,
  ]
  return values.detach ? await detach(home, supervisor) : become(supervisor, env)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw problem('invalid_params', `--port ${text} is not a port number from 1 to 65535.`)
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
