import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bold, dim, yellow } from '@hokku/kit/command-line'
import { writeDurably } from '@hokku/kit/disk'
import { homeAt, openStore, problem, type Home } from '../../store/index.ts'
import { apiUrl, findInstallation, homeOf, supervisorFile, type Address } from '../installation.ts'
import { writeLaunchers } from '../launchers.ts'
import type { Command } from '../main.ts'
import { askPlane } from '../plane-client.ts'
import { childPlans, isUp, makeFolders, stopPlatform, supervise } from '../supervisor/platform.ts'
import { markOf } from '../supervisor/process-mark.ts'

/** `hokku up`: starts the platform and stays as its supervisor, or with `--detach` in the background. */
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
  // Before anything starts: a state that cannot be read is told here, not in a log.
  openStore(home).close()
  await writeLaunchers(home)
  return values.detach ? await detach(home, args) : await stay(home, address, env)
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

/** Starts the same command without a terminal, and returns once everything answers. */
async function detach(home: Home, args: string[]): Promise<number> {
  await mkdir(home.logs, { recursive: true })
  const log = openSync(join(home.logs, 'supervisor.log'), 'a', 0o600)
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../main.ts'),
      'up',
      ...args.filter((arg) => arg !== '--detach'),
      '--home',
      home.root,
    ],
    { detached: true, stdio: ['ignore', log, log] },
  )
  closeSync(log)
  let ended = false
  child.on('exit', () => (ended = true))
  await waitUntilUp(home, () => ended)
  child.unref()
  await greet(home)
  return 0
}

async function stay(home: Home, address: Address, env: NodeJS.ProcessEnv): Promise<number> {
  const stop = new AbortController()
  const asked = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => done())
  })
  await writeDurably(
    supervisorFile(home),
    JSON.stringify({ supervisor: markOf(process.pid), address }),
  )
  const supervised = supervise(childPlans(home, address, env), stop.signal, say)
  await Promise.race([waitUntilUp(home, () => false).then(() => greet(home)), asked])
  await asked
  stop.abort()
  await supervised
  await stopPlatform(home, say)
  await rm(supervisorFile(home), { force: true })
  return 0
}

const say = (line: string): void => console.log(`${dim(new Date().toISOString())} ${line}`)

async function waitUntilUp(home: Home, hasEnded: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += POLL_MS) {
    if (hasEnded()) break
    const installation = findInstallation(home)
    if (installation !== undefined && (await answers(installation.address))) return
    await sleep(POLL_MS)
  }
  throw problem('not_running', `hokku did not come up.`, {
    hint: `Read why in ${home.logs}: supervisor.log, control-plane.log, router.log`,
  })
}

/** The first start makes a database cluster and a certificate authority, on a slow disk too. */
const START_MS_MAX = 120_000
const POLL_MS = 50

async function answers(address: Address): Promise<boolean> {
  try {
    const response = await fetch(
      `${apiUrl(address).replace('localhost', '127.0.0.1')}/hokku/health`,
    )
    return response.ok && ((await response.json()) as { isReady: boolean }).isReady
  } catch {
    return false
  }
}

/** Where things are, and the next three commands to type. */
async function greet(home: Home): Promise<void> {
  const installation = findInstallation(home)
  if (installation === undefined) return
  const { notices } = (await askPlane(home, 'GET', '/hokku/health')) as { notices: string[] }
  const url = apiUrl(installation.address)
  console.log(`
${bold('hokku is up.')}  Dashboard: ${url}/dashboard  ${dim('(sign in with: hokku token)')}
`)
  for (const notice of notices) console.log(`${yellow('▸')} ${notice}\n`)
  console.log(`In another shell:

  eval "$(npx hokku env)"
  heroku create my-app
  git push heroku main
`)
}
