import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeDurably } from '@hokku/kit/disk'
import { restartDelayMs, STEADY_MS } from './back-off.ts'
import { isAlive, markOf, type ProcessMark } from '@hokku/kit/process-mark'

/** One of the platform's own processes, as the supervisor keeps it. */
export type ChildPlan = Readonly<{
  name: string
  main: string
  env: NodeJS.ProcessEnv
  /** Where its pid is remembered, so that a new supervisor finds it again. */
  markFile: string
  logFile: string
  nodeOptions: readonly string[]
}>

/**
 * Keeps a process running until `signal` aborts. A process that an earlier supervisor left behind
 * is taken over, not started twice. Aborting leaves the process as it is.
 */
export async function keepRunning(
  plan: ChildPlan,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  let quickEnds = 0
  let mark = readMark(plan)
  while (!signal.aborted) {
    const startedAt = performance.now()
    const { ended } =
      mark !== undefined && isAlive(mark) ? { ended: watch(mark, signal) } : await start(plan)
    // Aborting leaves the process running, so there may be no end to wait for.
    const how = await Promise.race([ended, aborted(signal)])
    if (signal.aborted) return
    quickEnds = performance.now() - startedAt > STEADY_MS ? 0 : quickEnds + 1
    const delayMs = restartDelayMs(quickEnds - 1)
    say(`${plan.name} ended (${how}), starting it again${delayMs > 0 ? ` in ${delayMs} ms` : ''}`)
    await sleep(delayMs, undefined, { signal }).catch(() => {})
    mark = undefined
  }
}

const aborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    // It may have come while the process was started; then there is no event to wait for.
    if (signal.aborted) resolve('let go')
    else signal.addEventListener('abort', () => resolve('let go'), { once: true })
  })

/** The process as it was last started; it may be dead by now. */
export function readMark({ markFile }: Pick<ChildPlan, 'markFile'>): ProcessMark | undefined {
  if (!existsSync(markFile)) return undefined
  return JSON.parse(readFileSync(markFile, 'utf8')) as ProcessMark
}

/** Starts it apart from us: neither our end nor Ctrl-C in our terminal ends it. */
async function start(plan: ChildPlan): Promise<{ ended: Promise<string> }> {
  const log = openLog(plan.logFile)
  const child = spawn(process.execPath, [...plan.nodeOptions, plan.main], {
    detached: true,
    stdio: ['ignore', log, log],
    env: plan.env,
    cwd: dirname(plan.markFile),
  })
  closeSync(log)
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, by) => resolve(by ?? `exit status ${code}`))
    child.on('error', (error) => resolve(error.message))
  })
  if (child.pid !== undefined) await writeDurably(plan.markFile, JSON.stringify(markOf(child.pid)))
  return { ended }
}

/** Waits for the end of a process that is not our child. */
async function watch(mark: ProcessMark, signal: AbortSignal): Promise<string> {
  while (isAlive(mark) && !signal.aborted) {
    await sleep(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {})
  }
  return 'it was taken over from an earlier supervisor'
}

const WATCH_INTERVAL_MS = 500

/** Appends; a log that has grown large becomes `<name>.old` first. */
function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.old`)
  return openSync(file, 'a', 0o600)
}

const LOG_BYTES_MAX = 10 * 1024 * 1024

export const markFileIn = (runFolder: string, name: string): string =>
  join(runFolder, `${name}.json`)
