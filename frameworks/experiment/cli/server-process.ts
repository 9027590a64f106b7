import { writeDurably } from '@hokku/kit/disk'
import { spawn, spawnSync } from 'node:child_process'
import { openSync, readFileSync, closeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Study } from '../configuration/config.ts'
import { problem } from '../problems.ts'

/**
 * Whether a study's server runs: `yes`, `no`, `maybe` (its process lives but does not answer), or
 * `blocked` (another program has the port).
 */
export type ServerState = 'yes' | 'no' | 'maybe' | 'blocked'

/** Remembers in the study's folder which process serves it. */
const FILE = '.psiturk_server'
const Remembered = z.object({ pid: z.int().positive(), startedAt: z.string() })
type Remembered = z.infer<typeof Remembered>

export async function serverState(study: Study): Promise<ServerState> {
  const isAlive = runningProcess(study) !== undefined
  const isAnswering = await answers(study)
  if (isAlive) return isAnswering ? 'yes' : 'maybe'
  return isAnswering ? 'blocked' : 'no'
}

/**
 * Starts the study's server in a separate process and waits until it answers.
 *
 * @param command program and arguments that serve the study in the foreground
 * @throws Problem `server_unavailable` with what the server said
 */
export async function startServer(study: Study, command: readonly string[]): Promise<void> {
  const [program = '', ...args] = command
  const path = join(study.directory, START_LOG)
  const output = openSync(path, 'w', 0o600)
  const child = spawn(program, args, {
    cwd: study.directory,
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.unref()
  const pid = child.pid
  if (pid === undefined) throw problem('server_unavailable', `${program} cannot be started.`)
  await rememberServer(study.directory, pid)
  const until = performance.now() + START_MS
  while (performance.now() < until && startTimeOf(pid) !== undefined) {
    // oxlint-disable-next-line no-await-in-loop -- waits for a process
    if (await answers(study)) return
    // oxlint-disable-next-line no-await-in-loop
    await sleep(POLL_MS)
  }
  const said = readFileSync(path, 'utf8').trim().slice(-SAID_MAX)
  throw problem('server_unavailable', `The experiment server did not start. ${said}`)
}

/**
 * Notes which process serves the study, for `psiturk status` and `psiturk server off` in the same
 * folder. A folder that cannot be written is served all the same.
 */
export async function rememberServer(directory: string, pid: number): Promise<void> {
  const remembered: Remembered = { pid, startedAt: startTimeOf(pid) ?? '' }
  await writeDurably(join(directory, FILE), JSON.stringify(remembered)).catch(() => {})
}

const START_LOG = '.psiturk_server.log'
/** The first start makes a PostgreSQL. */
const START_MS = 60_000
const POLL_MS = 150
const SAID_MAX = 2000

/** @returns the process that was asked to end; undefined if none runs */
export async function stopServer(study: Study): Promise<number | undefined> {
  const running = runningProcess(study)
  if (running === undefined) return undefined
  process.kill(running.pid, 'SIGTERM')
  const until = performance.now() + STOP_MS
  while (performance.now() < until && runningProcess(study) !== undefined) {
    // oxlint-disable-next-line no-await-in-loop -- waits for a process
    await sleep(POLL_MS)
  }
  if (runningProcess(study) !== undefined) process.kill(running.pid, 'SIGKILL')
  await rm(join(study.directory, FILE), { force: true })
  return running.pid
}

const STOP_MS = 30_000

function runningProcess(study: Study): Remembered | undefined {
  let text: string
  try {
    text = readFileSync(join(study.directory, FILE), 'utf8')
  } catch {
    return undefined
  }
  const remembered = Remembered.safeParse(JSON.parse(text)).data
  // The start time distinguishes our process from a later one with the same number.
  if (remembered === undefined || startTimeOf(remembered.pid) !== remembered.startedAt) {
    return undefined
  }
  return remembered
}

/** When a process started, as `ps` prints it; undefined if it does not live. */
function startTimeOf(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=,stat=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  })
  const [, startedAt, state] = /^(.*\d{4})\s+(\S+)/.exec(stdout.trim()) ?? []
  return status === 0 && !state?.startsWith('Z') ? startedAt : undefined
}

function answers(study: Study): Promise<boolean> {
  const { host, port } = study.settings.server
  return new Promise((resolve) => {
    const socket = createConnection({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port })
    const end = (isAnswering: boolean) => (): void => {
      socket.destroy()
      resolve(isAnswering)
    }
    socket.setTimeout(CONNECT_MS, end(false)).once('connect', end(true)).once('error', end(false))
  })
}

const CONNECT_MS = 1000
