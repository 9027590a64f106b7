import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { problem } from '../problems.ts'

/** An event server in the background: its process id and what it prints are kept in files. */
export type DaemonFiles = Readonly<{ directory: string; pid: string; log: string }>

/** In `PIO_HOME`, else where PredictionIO keeps its files. */
export function daemonFiles(env: NodeJS.ProcessEnv): DaemonFiles {
  const directory =
    env['PIO_HOME'] || env['PIO_FS_BASEDIR'] || join(env['HOME'] ?? '.', '.pio_store')
  return {
    directory,
    pid: join(directory, 'eventserver.pid'),
    log: join(directory, 'eventserver.log'),
  }
}

/** The id of the event server that runs; undefined if none does, even if the file names one. */
export async function runningEventServer(files: DaemonFiles): Promise<number | undefined> {
  const pid = Number(await readFile(files.pid, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  // After a restart of the machine the id may belong to another program.
  return /\bpio(?:\.ts)?\b.*\beventserver\b/.test(await commandLine(pid)) ? pid : undefined
}

async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform !== 'linux') {
      return (await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])).stdout
    }
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/**
 * Starts `pio eventserver` apart from this process and gives its URL once it listens.
 *
 * @throws Problem `server_failed` with what it printed last
 */
export async function startEventServer(
  files: DaemonFiles,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ pid: number; url: string }> {
  await mkdir(files.directory, { recursive: true })
  await using log = await open(files.log, 'w')
  const child = spawn(PIO, ['eventserver', ...argv], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env,
  })
  const { pid } = child
  if (pid === undefined) throw (await once(child, 'error'))[0]
  await writeFile(files.pid, `${pid}\n`)
  const deadlineMs = performance.now() + START_MS
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadlineMs) {
    const url = /listening at (\S+)/.exec(await readFile(files.log, 'utf8'))?.[1]
    if (url !== undefined) {
      child.unref()
      return { pid, url }
    }
    await sleep(POLL_MS)
  }
  child.kill('SIGKILL')
  await rm(files.pid, { force: true })
  const printed = (await readFile(files.log, 'utf8')).trimEnd().split('\n').slice(-LINES_SHOWN)
  throw problem('server_failed', `The event server did not start.\n${printed.join('\n')}`, {
    hint: `Its log is ${files.log}`,
  })
}

const PIO = join(import.meta.dirname, '../bin/pio')
/** A machine under load, with a database to start. */
const START_MS = 60_000
const POLL_MS = 100
const LINES_SHOWN = 10

/** Ends a process: politely, then not. */
export async function stopProcess(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!send(pid, signal)) return
    const deadlineMs = performance.now() + STOP_MS
    while (performance.now() < deadlineMs) {
      if (!send(pid, 0)) return
      await sleep(POLL_MS)
    }
  }
}

/** As long as the event server gives requests that are under way. */
const STOP_MS = 30_000

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
