import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { portOf } from '@hokku/kit/port-of'
import {
  buildpackInstallationRoutes,
  buildpackRegistryRoutes,
  buildRoutes,
  createApi,
  gitRoutes,
  lfsRoutes,
  slugRoutes,
  sourceRoutes,
  type Plane,
} from '../api/index.ts'
import { runReleasePhase, type Dyno, type Dynos, type OneOffRequest } from '../dynos/index.ts'
import { openSandbox, type Mount, type Sandbox } from '../sandbox/index.ts'
import { createReleases } from '../releases/index.ts'
import { homeAt, openStore, problem, type App, type Store } from '../store/index.ts'
import { openBuilds } from './builds.ts'
import { inheritedEnvironment } from './compile/environment.ts'
import type { BuildLimits } from './limits.ts'
import { openSlugs, type Slugs } from '../slugs/index.ts'

const ROUTES = [
  buildRoutes,
  buildpackInstallationRoutes,
  buildpackRegistryRoutes,
  gitRoutes,
  lfsRoutes,
  slugRoutes,
  sourceRoutes,
]

const ROOT = join(import.meta.dirname, '../..')

/**
 * The real builds of a control plane on a temporary home. Releases, dynos and add-ons only note what
 * was asked of them.
 */
export async function openTestPlane(
  options: { plain?: boolean; limits?: Partial<BuildLimits>; folder?: string } = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'hokku-build-'))
  chmodSync(folder, 0o711)
  const home = homeAt(join(folder, 'home'))
  mkdirSync(home.root, { mode: 0o711, recursive: true })
  const store = openStore(home)
  const sandbox = openSandbox({
    home,
    path: process.env['PATH'] ?? '',
    ...(options.plain === true ? { forcePlain: true } : {}),
  })
  const asked = { addons: [] as string[], oneOffs: [] as OneOffRequest[], logged: [] as string[] }
  const addons = {
    endpoints: () => ({}),
    ensure: (_appId: string, _accountId: string, plan: string) => {
      if (plan === 'nothing-like-it') {
        return Promise.reject(problem('not_found', 'There is no such add-on.'))
      }
      asked.addons.push(plan)
      return Promise.resolve()
    },
  }
  const dynos = testDynos(store, asked.oneOffs)
  const releases = createReleases({
    store,
    home,
    logs: { write: (_appId, _source, _process, message) => asked.logged.push(message) },
    deploy: () => Promise.resolve({ status: 'running' }),
    runReleasePhase: (app, release, outputFile) =>
      runReleasePhase(dynos, { app, release, outputFile }),
    route: () => Promise.resolve(),
    onBug: (error) => console.error(error),
  })
  const slugs = openSlugs({ home, store, sandbox })
  const builds = openBuilds({
    home,
    store,
    sandbox,
    slugs,
    releases,
    dynos,
    logs: { recent: () => [] },
    addons,
    version: '0.0.0-test',
    root: ROOT,
    environment: process.env,
    webUrl: (name) => `http://${name}.localhost/`,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  })
  const email = 'owner@example.com'
  const account = store.accounts.find(email) ?? store.accounts.create(email)
  const { token } = store.accounts.authorize(account.id, 'test')
  const plane = {
    config: { home, version: '0.0.0-test', port: 0, domain: 'localhost', url: '', ecoIdleMs: 0 },
    store,
    builds,
    slugs,
    releases,
  } as unknown as Plane
  const api = createApi(plane, ROUTES)
  await api.listen({ port: 0, host: '127.0.0.1' })
  const port = portOf(api.server)
  const url = `http://127.0.0.1:${port}`

  return {
    folder,
    home,
    store,
    slugs,
    builds,
    sandbox,
    asked,
    account,
    token,
    url,
    app: (name: string): App => store.apps.create(name, account.id),
    /** A git repository with these files, committed. */
    repository: (files: Files) => createRepository(join(folder, `repository-${counter++}`), files),
    remote: (app: App): string => `http://x:${token}@127.0.0.1:${port}/${app.name}.git`,
    /** Runs a command in the app's current slug, as a dyno would. */
    run: (app: App, command: string): Promise<Ran> =>
      ranOf(spawnInSlug(app, command, { store, slugs, sandbox, folder, port: 0 })),
    /** Starts the app's web process on a free port and waits until it answers. */
    serve: (app: App): Promise<Served> => serveSlug(app, { store, slugs, sandbox, folder }),
    async close(): Promise<void> {
      for (const pid of children) process.kill(-pid, 'SIGKILL')
      await builds.close()
      await api.close()
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type TestPlane = Awaited<ReturnType<typeof openTestPlane>>

let counter = 0

/** Dynos that run one-offs as plain processes, and whose swaps always succeed. */
function testDynos(store: Store, oneOffs: OneOffRequest[]): Pick<Dynos, 'run' | 'list' | 'exitOf'> {
  return {
    list: () => [],
    exitOf: () => undefined,
    async run(request) {
      oneOffs.push(request)
      const slug = store.slugs.get(request.release.slugId ?? '')
      const command = slug.processTypes[request.command] ?? request.command
      const ran = runHere(['sh', '-c', command], tmpdir()).then(({ code, output }) => {
        if (request.outputFile !== undefined) appendFileSync(request.outputFile, output)
        return { code, signal: null, oom: false }
      })
      return { dyno: {} as Dyno, exit: ran }
    },
  }
}

/** Contents by path; or a folder to copy. */
export type Files = Readonly<Record<string, string>> | string

export type TestRepository = Readonly<{
  folder: string
  git: (...args: string[]) => Promise<Ran>
  /** Writes files and commits them. */
  commit: (files: Record<string, string>) => Promise<void>
}>

export type Ran = Readonly<{ code: number | null; output: string }>

async function createRepository(folder: string, files: Files): Promise<TestRepository> {
  mkdirSync(folder)
  const git = (...args: string[]): Promise<Ran> => runHere(['git', ...args], folder)
  const commit = async (contents: Record<string, string>): Promise<void> => {
    for (const [path, content] of Object.entries(contents)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content, {
        mode: content.startsWith('#!') ? 0o755 : 0o644,
      })
    }
    await git('add', '--all', '--force')
    await git('commit', '--quiet', '--message', 'Say hello')
  }
  await git('init', '--quiet', '--initial-branch=main')
  if (typeof files === 'string') cpSync(files, folder, { recursive: true })
  await commit(typeof files === 'string' ? {} : files)
  return { folder, git, commit }
}

/** Process groups of slugs that run: a test that fails leaves its own behind. */
const children = new Set<number>()

type SlugEffects = Readonly<{
  store: Store
  slugs: Slugs
  sandbox: Sandbox
  folder: string
}>

async function spawnInSlug(
  app: App,
  command: string,
  { store, slugs, sandbox, folder, port }: SlugEffects & { port: number },
): Promise<ChildProcessWithoutNullStreams> {
  const slug = store.slugs.get(store.releases.current(app.id)?.slugId ?? '')
  const mount: Mount =
    sandbox.mode.kind === 'plain'
      ? { mode: 'rw', from: await slugs.materialise(slug), to: '/app' }
      : {
          mode: 'overlay',
          layers: await slugs.layers(slug),
          private: join(folder, `dyno-${counter++}`),
          to: '/app',
        }
  const profile = 'for f in .profile.d/*.sh; do [ -f "$f" ] && . "$f"; done'
  const { file, args, env, options } = sandbox.command({
    appId: app.id,
    mounts: [mount],
    cwd: '/app',
    env: { PORT: String(port) },
    command: ['bash', '-c', `${profile}; ${command}`],
    hostname: 'web.1',
  })
  const child = spawn(file, args, { ...options, env })
  children.add(child.pid ?? 0)
  child.once('exit', () => children.delete(child.pid ?? 0))
  return child
}

export type Served = Readonly<{ url: string; stop: () => Promise<void> }>

async function serveSlug(app: App, effects: SlugEffects): Promise<Served> {
  const slug = effects.store.slugs.get(effects.store.releases.current(app.id)?.slugId ?? '')
  const port = await freePort()
  const child = await spawnInSlug(app, slug.processTypes['web'] ?? 'false', { ...effects, port })
  const ran = ranOf(Promise.resolve(child))
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < WEB_POLLS_MAX && child.exitCode === null; i++) {
    const answered = await fetch(url, { redirect: 'manual' }).catch(() => null)
    if (answered !== null) break
    await wait(50)
  }
  if (child.exitCode !== null) throw new Error(`web ended: ${(await ran).output}`)
  return {
    url,
    async stop() {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
      await ran
    },
  }
}

/** A minute and more: a program of Java starts slowly on a loaded machine. */
const WEB_POLLS_MAX = 2000

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const port = portOf(server)
  await new Promise((closed) => server.close(closed))
  return port
}

async function ranOf(started: Promise<ChildProcessWithoutNullStreams>): Promise<Ran> {
  const child = await started
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Runs a program to its end. @returns exit code, and standard output and error together */
export function runHere(command: readonly string[], cwd: string): Promise<Ran> {
  const [file = '', ...args] = command
  const env = {
    ...inheritedEnvironment(process.env),
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  }
  return ranOf(Promise.resolve(spawn(file, args, { cwd, env })))
}
