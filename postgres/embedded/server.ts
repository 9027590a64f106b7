import { chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '../problems.ts'
import { requireReachable, serverAccount } from './account.ts'
import { installBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { configure, installTls, type TlsFiles } from './configuration.ts'
import { answers, countClients } from './clients.ts'
import { launch } from './launch.ts'
import { withLock } from './lock.ts'
import { choosePort } from './port.ts'
import { findPostmaster, type Postmaster } from './postmaster.ts'
import type { Settings } from './settings.ts'
import { adminUrl, loadState, readState, saveState, type ServerState } from './state.ts'

export type StartOptions = Readonly<{
  /** Everything of the server is in here: programs, data, log, socket, passwords. */
  directory: string
  /** Certificate and key in PEM; kept for later starts, and reloaded when they change. */
  tls?: TlsFiles
  /** Added to the defaults and remembered; a running server takes what needs no restart. */
  settings?: Settings
}>

export type EmbeddedServer = Readonly<{
  pid: number
  port: number
  /** Address of the superuser `postgres`, with its password: never to be shown. */
  adminUrl: string
}>

/**
 * The PostgreSQL of `directory`, running: the one that runs already, or a new one that outlives
 * this process. Any number of processes may call it at once.
 *
 * @throws Problem `postgres_unavailable`, `postgres_directory_invalid`, `postgres_busy`
 */
export async function startEmbedded(options: StartOptions): Promise<EmbeddedServer> {
  const directory = await prepareDirectory(options.directory)
  return withLock(directory, async () => {
    const state = await loadState(directory)
    const data = join(directory, 'data')
    const running = await settle(data, state)
    if (running) return adopt(directory, running, state, options)
    const account = await serverAccount()
    if (account) await requireReachable(directory)
    const binaries = await installBinaries(directory)
    await ensureCluster(directory, state.adminPassword, binaries, account)
    if (options.tls) await installTls(directory, options.tls, account)
    const settings = options.settings ?? state.settings ?? {}
    const port = await choosePort(state.port)
    await saveState(directory, { ...state, port, settings })
    await configure(directory, port, settings, account)
    return describe(await launch(directory, binaries, account), state)
  })
}

async function prepareDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o755 })
  const directory = await realpath(resolve(path))
  const { uid } = await stat(directory)
  if (uid !== process.getuid?.()) {
    throw problem('postgres_directory_invalid', `${directory} belongs to another user.`, {
      hint: 'Run as that user, or set HOKKU_HOME to your own folder.',
    })
  }
  // The server's own user passes through; everything in here is closed by its own mode.
  await chmod(directory, process.getuid?.() === 0 ? 0o711 : 0o700)
  return directory
}

/**
 * A server that is on its way up or down has not decided yet whether it runs; one that was killed
 * keeps its place in the system for some milliseconds. So only one that answers counts as running.
 */
async function settle(data: string, state: ServerState): Promise<Postmaster | undefined> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS
  for (;;) {
    const found = await findPostmaster(data)
    if (!found || (found.ready && (await answers(adminUrl(state, found.port))))) return found
    if (Date.now() > deadline) {
      throw problem('postgres_busy', `PostgreSQL in ${data} runs but does not answer.`, {
        hint: `Look at its log in ${join(data, 'log')}, or end its process: kill ${found.pid}`,
      })
    }
    await sleep(POLL_MS)
  }
}

async function adopt(
  directory: string,
  running: Postmaster,
  state: ServerState,
  options: StartOptions,
): Promise<EmbeddedServer> {
  const account = await serverAccount()
  const newTls = options.tls !== undefined && (await installTls(directory, options.tls, account))
  const settings = options.settings ?? state.settings ?? {}
  const newSettings = JSON.stringify(settings) !== JSON.stringify(state.settings ?? {})
  if (newTls || newSettings) {
    await saveState(directory, { ...state, port: running.port, settings })
    await configure(directory, running.port, settings, account)
    process.kill(running.pid, 'SIGHUP')
  }
  return describe(running, state)
}

const describe = (running: Postmaster, state: ServerState): EmbeddedServer => ({
  pid: running.pid,
  port: running.port,
  adminUrl: adminUrl(state, running.port),
})

export type StopResult = Readonly<{
  outcome: 'stopped' | 'not running' | 'in use'
  /** How many connections kept it up. */
  clients: number
}>

/** Stops the server; with `onlyIfIdle` not while anyone is connected. Idempotent. */
export async function stopEmbedded(
  options: Readonly<{ directory: string; onlyIfIdle?: boolean }>,
): Promise<StopResult> {
  const directory = await realpath(options.directory).catch(() => undefined)
  if (directory === undefined) return { outcome: 'not running', clients: 0 }
  return withLock(directory, async () => {
    const data = join(directory, 'data')
    const state = await readState(directory)
    const running = state && (await settle(data, state))
    if (!running) return { outcome: 'not running', clients: 0 }
    const clients = options.onlyIfIdle ? await countClients(adminUrl(state, running.port)) : 0
    if (clients > 0) return { outcome: 'in use', clients }
    await stop(data, running)
    return { outcome: 'stopped', clients }
  })
}

/** Fast shutdown ends sessions and saves everything; the next signal only skips the saving. */
async function stop(data: string, running: Postmaster): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(running.pid, signal)
    const deadline = Date.now() + STOP_TIMEOUT_MS
    while (Date.now() < deadline) {
      if (!(await findPostmaster(data))) return
      await sleep(POLL_MS)
    }
  }
  throw problem('postgres_busy', `PostgreSQL (process ${running.pid}) does not stop.`)
}

export type EmbeddedStatus =
  | Readonly<{ running: true; pid: number; port: number; startedAt: Date; adminUrl: string }>
  | Readonly<{ running: false }>

/** Whether the server of `directory` runs; starts and changes nothing. */
export async function embeddedStatus(
  options: Readonly<{ directory: string }>,
): Promise<EmbeddedStatus> {
  const directory = await realpath(options.directory).catch(() => undefined)
  if (directory === undefined) return { running: false }
  const [running, state] = await Promise.all([
    findPostmaster(join(directory, 'data')),
    readState(directory),
  ])
  if (!running?.ready || !state) return { running: false }
  return {
    running: true,
    startedAt: new Date(running.startedAt * 1000),
    ...describe(running, state),
  }
}

const SETTLE_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 30_000
const POLL_MS = 25
