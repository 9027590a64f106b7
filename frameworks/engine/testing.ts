import { createTestDatabase } from '@hokku/postgres/testing'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childClose } from '@hokku/kit/child-exit'

/** How a call of `pio` ended. */
export type Ended = Readonly<{ code: number | null; stdout: string; stderr: string }>

/** A running `pio`: its address once it listens, and what it has printed so far. */
export type Running = AsyncDisposable &
  Readonly<{ url: string; child: ChildProcess; output: () => string; ended: Promise<unknown> }>

/** A database, a folder, and the real `pio` on them. */
export type Workbench = AsyncDisposable &
  Readonly<{
    directory: string
    databaseUrl: string
    env: NodeJS.ProcessEnv
    pio: (args: readonly string[], options?: RunOptions) => Promise<Ended>
    /** For servers: resolves when the output names an address. */
    start: (args: readonly string[], options?: RunOptions) => Promise<Running>
  }>

export type RunOptions = Readonly<{
  cwd?: string
  env?: Record<string, string>
  input?: string
  /** Another of our programs than `pio`, e.g. `pio-shell`. */
  program?: string
}>

const PROGRAMS = join(import.meta.dirname, 'bin')

/** Files that tests read, e.g. `fixture('data/data.txt')`. */
export const fixture = (path: string): string => join(import.meta.dirname, 'fixtures', path)

export async function createWorkbench(): Promise<Workbench> {
  const database = await createTestDatabase()
  const directory = mkdtempSync(join(tmpdir(), 'hokku-engine-'))
  const env = cleanEnv({ DATABASE_URL: database.url, HOME: directory })
  const run = (args: readonly string[], options: RunOptions) => {
    const child = spawn(join(PROGRAMS, options.program ?? 'pio'), args, {
      cwd: options.cwd ?? directory,
      env: { ...env, ...options.env },
      stdio: 'pipe',
    })
    child.stdin.end(options.input ?? '')
    return child
  }
  return {
    directory,
    databaseUrl: database.url,
    env,
    pio: async (args, options = {}) => collect(run(args, options)),
    start: async (args, options = {}) => waitForAddress(run(args, options)),
    [Symbol.asyncDispose]: async () => {
      rmSync(directory, { recursive: true, force: true })
      await database.drop()
    },
  }
}

/** What our own program needs environment, and nothing that could change what is tested. */
export function cleanEnv(more: Record<string, string>): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...more }
}

export async function collect(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const { code } = await childClose(child)
  return { code, stdout, stderr }
}

async function waitForAddress(child: ChildProcess): Promise<Running> {
  let output = ''
  const ended = once(child, 'close')
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const address = /(?:live|listening) at (http:\/\/[^\s]+?:\d+)\.?\s/.exec(output)?.[1]
      if (address !== undefined) resolve(address.replace('0.0.0.0', '127.0.0.1'))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('close', () => reject(new Error(`pio ended before it listened:\n${output}`)))
  })
  return {
    url,
    child,
    ended,
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Makes an app by `pio app new`. */
export async function newApp(
  bench: Workbench,
  name: string,
): Promise<{ id: string; accessKey: string }> {
  const { stdout, code } = await bench.pio(['app', 'new', name])
  if (code !== 0) throw new Error(stdout)
  return {
    id: /ID: (\d+)/.exec(stdout.split('Created a new app')[1] ?? '')?.[1] ?? '',
    accessKey: /Access Key: (\S+)/.exec(stdout)?.[1] ?? '',
  }
}

/** Posts JSON and gives status and answer. */
export async function postJson(
  url: string,
  body: unknown,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, json: await response.json() }
}
