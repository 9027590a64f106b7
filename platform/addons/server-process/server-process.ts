import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeDurably } from '@hokku/kit/disk'
import { isAlive, markOf, type ProcessMark } from '@hokku/kit/process-mark'
import { problem, type Home } from '../../store/index.ts'
import type { Account } from './account.ts'

/** How a server of add-ons is started. */
export type Launch = Readonly<{
  file: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  cwd: string
  account?: Account | undefined
}>

export type ServerPlan = Readonly<{
  /** Names its pid file and its log, e.g. `object-storage`; `hokku down` stops it by that. */
  name: string
  home: Pick<Home, 'run' | 'logs'>
  /** Prepares folders, ports and settings; called before every start. */
  prepare: () => Promise<Launch>
  /** Whether it answers, at the address that is remembered. */
  isReady: () => Promise<boolean>
  startMsMax: number
}>

/**
 * A server that add-ons need: started apart from us by the first that does, found again by the next
 * control plane, and started again when it dies.
 */
export type ServerProcess = Readonly<{
  /** Resolves when it answers. Cheap when it runs. @throws Problem `addon_unavailable` */
  start: () => Promise<void>
  /** Stops watching it; it keeps running. */
  close: () => void
  /** Stops the server itself, and watching it. What is gone already is fine. */
  stop: () => Promise<void>
}>

export function createServerProcess(plan: ServerPlan): ServerProcess {
  const closing = new AbortController()
  let starting: Promise<void> | undefined
  let isKept = false
  const bringUp = (): Promise<void> => {
    starting ??= startServer(plan).finally(() => (starting = undefined))
    return starting
  }
  return {
    start: async () => {
      await bringUp()
      if (isKept) return
      isKept = true
      void keepUp(plan, bringUp, closing.signal)
    },
    close: () => closing.abort(),
    stop: async () => {
      closing.abort()
      await starting?.catch(() => {})
      await stopServer(plan)
    },
  }
}

/** Apps do not ask us before they connect, so the platform must look. */
async function keepUp(
  plan: ServerPlan,
  bringUp: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let delayMs = LOOK_INTERVAL_MS
  while (!signal.aborted) {
    await sleep(delayMs, undefined, { signal }).catch(() => {})
    const mark = readMark(markFile(plan))
    if (signal.aborted || (mark !== undefined && isAlive(mark))) continue
    try {
      await bringUp()
      delayMs = LOOK_INTERVAL_MS
    } catch (error) {
      console.error(`${plan.name} does not start:`, error)
      delayMs = Math.min(delayMs * 2, DELAY_MS_MAX)
    }
  }
}

const LOOK_INTERVAL_MS = 1000
const DELAY_MS_MAX = 60_000

async function startServer(plan: ServerPlan): Promise<void> {
  const mark = readMark(markFile(plan))
  // One that an earlier control plane started may still be on its way up.
  if (mark !== undefined && isAlive(mark) && (await isUpSoon(plan, mark))) return
  await launch(plan)
}

async function launch(plan: ServerPlan): Promise<void> {
  const { file, args, env, cwd, account } = await plan.prepare()
  const log = await openLog(plan)
  const child = spawn(file, args, {
    ...account,
    env,
    cwd,
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const failure = new Promise<Error>((resolve) => child.once('error', resolve))
  if (child.pid === undefined) throw unavailable(plan, (await failure).message)
  child.unref()
  const mark = markOf(child.pid)
  await writeDurably(markFile(plan), JSON.stringify(mark))
  if (await isUpSoon(plan, mark)) return
  if (isAlive(mark)) process.kill(mark.pid, 'SIGKILL')
  throw unavailable(plan, endOfLog(plan))
}

/** @returns false when it ended, or did not answer in time */
async function isUpSoon(plan: ServerPlan, mark: ProcessMark): Promise<boolean> {
  const endAt = Date.now() + plan.startMsMax
  while (Date.now() < endAt && isAlive(mark)) {
    if (await plan.isReady()) return true
    await sleep(READY_POLL_MS)
  }
  return false
}

async function stopServer(plan: ServerPlan): Promise<void> {
  const mark = readMark(markFile(plan))
  if (mark !== undefined && isAlive(mark)) {
    process.kill(mark.pid, 'SIGTERM')
    const endAt = Date.now() + STOP_MS_MAX
    while (isAlive(mark) && Date.now() < endAt) await sleep(READY_POLL_MS)
    if (isAlive(mark)) process.kill(mark.pid, 'SIGKILL')
  }
  await rm(markFile(plan), { force: true })
}

/** A server writes down what it has; longer, and it is killed. */
const STOP_MS_MAX = 30_000

const READY_POLL_MS = 50

const unavailable = ({ name, home }: ServerPlan, why: string) =>
  problem('addon_unavailable', `The server for ${name} did not start: ${why.trim()}`, {
    hint: `Its log is in ${join(home.logs, `${name}.log`)}`,
  })

const markFile = ({ name, home }: ServerPlan): string => join(home.run, `${name}.json`)
const logFile = ({ name, home }: ServerPlan): string => join(home.logs, `${name}.log`)

function readMark(file: string): ProcessMark | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessMark
  } catch {
    return undefined
  }
}

/** Appends; a log that has grown large becomes `<name>.log.old` first. */
async function openLog(plan: ServerPlan): Promise<number> {
  const file = logFile(plan)
  mkdirSync(dirname(file), { recursive: true })
  const { size } = await stat(file).catch(() => ({ size: 0 }))
  if (size > LOG_BYTES_MAX) await rename(file, `${file}.old`)
  return openSync(file, 'a', 0o600)
}

const LOG_BYTES_MAX = 10 * 1024 * 1024

function endOfLog(plan: ServerPlan): string {
  const lines = readFileSync(logFile(plan), 'utf8').trim().split('\n')
  return lines.slice(-5).join(' ').slice(-500)
}
