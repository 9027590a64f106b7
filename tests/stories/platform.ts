import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { shareOfficialCli } from '../machine.ts'

const ROOT = join(import.meta.dirname, '../..')

export type Shell = Readonly<{ code: number; stdout: string; stderr: string }>

/** Its own hokku for one story: own home, own port, own user files. */
export type TestPlatform = Readonly<{
  port: number
  home: string
  /** Where the user of the story works. */
  folder: string
  env: NodeJS.ProcessEnv
  /** Runs a line of shell as a user would type it; throws unless it exits 0. */
  sh: (line: string, options?: { cwd?: string; env?: NodeJS.ProcessEnv }) => Promise<string>
  /** The same, for lines that are meant to fail. */
  attempt: (line: string, options?: { cwd?: string; env?: NodeJS.ProcessEnv }) => Promise<Shell>
  /** Starts a line that continues, e.g. `heroku logs --tail`. */
  background: (line: string, options?: { cwd?: string }) => Background
  /** A request to an app, as a browser would make it. */
  get: (app: string, path?: string) => Promise<{ status: number; text: string }>
  /** Reads the pids of what runs. */
  status: () => Promise<PlatformStatus>
  stop: () => Promise<void>
}>

export type PlatformStatus = {
  url: string
  supervisor: { pid: number }
  controlPlane: { pid: number }
  router: { pid: number }
  postgres: { pid: number; port: number }
  apps: { name: string; dynos: Record<string, string> }[]
  notices: string[]
}

export type Background = Readonly<{
  child: ChildProcess
  output: () => string
  /** Waits until the output matches; throws with the output after `timeoutMs`. */
  until: (pattern: RegExp, timeoutMs?: number) => Promise<string>
  stop: () => Promise<void>
}>

/**
 * `hokku up --detach` on a fresh home; everything is gone after `stop`.
 *
 * @param settings environment variables of hokku itself, e.g. `HOKKU_ECO_IDLE_MS`
 */
export async function startPlatform(
  options: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'hokku-story-'))
  // Dynos run as their own users and must be able to pass.
  await chmod(folder, 0o755)
  const home = join(folder, 'hokku')
  const userHome = join(folder, 'user')
  const work = join(folder, 'work')
  await mkdir(userHome)
  await mkdir(work)
  shareOfficialCli(home)
  const port = await freePort()
  const env = { ...cleanEnvironment(userHome, home), ...settings }
  const up = ['up', '--port', String(port), '--home', home, '--detach', ...options]
  const started = await run(join(ROOT, 'node_modules/.bin/hokku'), up, { env, cwd: work })
  if (started.code !== 0) throw new Error(`hokku up: ${started.stdout}${started.stderr}`)

  const exports = await run(join(ROOT, 'node_modules/.bin/hokku'), ['env'], { env, cwd: work })
  const shell = (line: string): string[] => ['-c', `${exports.stdout}\n${line}`]
  const attempt: TestPlatform['attempt'] = async (line, { cwd = work, env: more } = {}) =>
    await run('/bin/bash', shell(line), { cwd, env: { ...env, ...more } })
  const sh: TestPlatform['sh'] = async (line, at) => {
    const result = await attempt(line, at)
    if (result.code === 0) return result.stdout + result.stderr
    throw new Error(`${line}\nexited ${result.code}\n${result.stdout}\n${result.stderr}`)
  }
  return {
    port,
    home,
    folder: work,
    env,
    sh,
    attempt,
    background: (line, { cwd = work } = {}) =>
      background(spawn('/bin/bash', shell(line), { cwd, env, detached: true })),
    get: async (app, path = '/') => {
      // Fetch would not resolve `*.localhost` everywhere, so the Host header says it.
      const result = await run(
        'curl',
        [
          '-s',
          '-o',
          '-',
          '-w',
          '\n%{http_code}',
          '-H',
          `Host: ${app}.localhost:${port}`,
          `http://127.0.0.1:${port}${path}`,
        ],
        { env, cwd: work },
      )
      const end = result.stdout.lastIndexOf('\n')
      return { status: Number(result.stdout.slice(end + 1)), text: result.stdout.slice(0, end) }
    },
    status: async () => JSON.parse(await sh('hokku status --json')) as PlatformStatus,
    stop: async () => {
      await attempt('hokku down')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Copies one of our examples into a repository of the story's user. */
export const checkOutExample = (platform: TestPlatform, example: string): Promise<string> =>
  checkOut(platform, join(ROOT, 'examples', example))

/** Copies an app that only stories use. */
export const checkOutFixture = (platform: TestPlatform, fixture: string): Promise<string> =>
  checkOut(platform, join(ROOT, 'tests/stories/fixtures', fixture))

async function checkOut(platform: TestPlatform, source: string): Promise<string> {
  const folder = join(platform.folder, basename(source))
  await cp(source, folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  await platform.sh('git init -q -b main && git add . && git commit -qm "First"', { cwd: folder })
  return folder
}

/** Tries until `check` gives a value; throws with what it saw last. */
export async function eventually<T>(
  check: () => Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  for (const endAt = Date.now() + timeoutMs; Date.now() < endAt; await sleep(200)) {
    const value = await check()
    if (value !== undefined) return value
  }
  throw new Error(`did not come true within ${timeoutMs} ms`)
}

/** Nothing of the developer's own settings reaches a story. */
function cleanEnvironment(userHome: string, home: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LANG', 'TERM', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']
  const npm = Object.keys(process.env).filter((name) =>
    /^(npm_config_|PIP_|https?_proxy|no_proxy)/i.test(name),
  )
  return {
    ...Object.fromEntries(
      [...kept, ...npm].flatMap((name) =>
        process.env[name] === undefined ? [] : [[name, process.env[name]]],
      ),
    ),
    HOME: userHome,
    HOKKU_HOME: home,
    GIT_AUTHOR_NAME: 'Story',
    GIT_AUTHOR_EMAIL: 'story@example.com',
    GIT_COMMITTER_NAME: 'Story',
    GIT_COMMITTER_EMAIL: 'story@example.com',
    // npm's own settings of this machine, e.g. its registry.
    ...(process.env['HOME'] !== undefined && {
      NPM_CONFIG_USERCONFIG: join(process.env['HOME'], '.npmrc'),
    }),
  }
}

function run(
  file: string,
  args: readonly string[],
  at: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Shell> {
  return new Promise((resolve) => {
    const limits = { maxBuffer: 64 * 1024 * 1024, timeout: LINE_MS_MAX }
    const child = execFile(file, args, { ...at, ...limits }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
    child.stdin?.end()
  })
}

/** No line of a story takes longer, not even a push on a busy machine. */
const LINE_MS_MAX = 5 * 60_000

function background(child: ChildProcess): Background {
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return {
    child,
    output: () => output,
    until: async (pattern, timeoutMs = 30_000) => {
      try {
        return await eventually(async () => pattern.exec(output)?.[0], timeoutMs)
      } catch {
        throw new Error(`no ${pattern} in:\n${output}`)
      }
    },
    stop: async () => {
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (!isOver && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await sleep(50)
    },
  }
}

/** A port that no one listens on at the moment. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}

/** Puts an executable in front of PATH, e.g. a browser that writes down what it is shown. */
export async function addProgram(
  platform: TestPlatform,
  name: string,
  text: string,
): Promise<string> {
  const folder = join(platform.folder, '..', 'programs')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), text, { mode: 0o755 })
  return folder
}
