import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { removeTree } from '../sandbox/index.ts'
import { newSecret, problem, type Build, type Home } from '../store/index.ts'
import { cacheFolder } from './compile/workspace.ts'
import type { BuildRequest, Builds } from './contract.ts'
import { PLANE_WENT_DOWN, tellFailure } from './failure.ts'
import { endLeftover } from './leftover.ts'
import { LIMITS, type BuildLimits } from './limits.ts'
import { OutputFile } from './output-file.ts'
import { followRelease, performBuild, type PerformEffects } from './perform-build.ts'
import { pushText } from './push-text.ts'
import { openRuntimes } from './runtime/runtimes.ts'
import { openSources } from './source/sources.ts'

export type BuildsEffects = Omit<PerformEffects, 'runtimes' | 'limits' | 'sources' | 'closing'> &
  Readonly<{
    /** hokku's own version, and the folder it runs from. */
    version: string
    root: string
    limits?: Partial<BuildLimits>
  }>

type RunningBuild = Readonly<{
  output: OutputFile
  /** Ends the build, since its app is being destroyed. */
  cancel: () => void
  /** Ends with the build's record. */
  ended: Promise<Build>
  /** Ends when the release is through as well. */
  finished: Promise<void>
}>

/** Runs the builds of all apps, one at a time each. */
export function openBuilds(options: BuildsEffects): Builds {
  const { home, store, slugs } = options
  const closing = new AbortController()
  const effects: PerformEffects = {
    ...options,
    runtimes: openRuntimes(home, options.root, options.version),
    sources: openSources(home, store.secrets),
    limits: { ...LIMITS, ...options.limits },
    closing: closing.signal,
  }
  const { runtimes, sources } = effects
  const running = new Map<string, RunningBuild>()
  // Set aside before the first build can start: what lies there now is nobody's any more.
  const abandoned = join(home.builds, 'abandoned')
  setAside(join(home.builds, 'trees'), join(abandoned, randomUUID()))

  function start(request: BuildRequest): Build {
    const { app, accountId, source, sourceVersion } = request
    const pending = store.builds.pendingOf(app.id)
    if (pending !== undefined) throw buildRunning(app.name, pending)
    const record = { appId: app.id, accountId, source, sourceVersion, outputSecret: newSecret() }
    const build = store.builds.create(record)
    const output = new OutputFile(outputFile(home, build.id))
    const destroyed = new AbortController()
    const closing = AbortSignal.any([effects.closing, destroyed.signal])
    const performed = performBuild(build, request, output, { ...effects, closing })
    const ended = performed.then((done) => done.build)
    // Whoever waits for it is told; nobody need wait.
    ended.catch(() => {})
    const finished = performed
      .then((done) => followRelease(done, request, output, effects))
      .catch((error: unknown) => console.error(`build ${build.id}:`, error))
      .finally(() => {
        output.end()
        running.delete(build.id)
        void tidyUp(app.id).catch((error: unknown) => console.error('pruning failed:', error))
      })
    running.set(build.id, { output, finished, ended, cancel: () => destroyed.abort() })
    return build
  }

  /** Retention: records and outputs of old builds, then slugs and layers. */
  async function tidyUp(appId: string): Promise<void> {
    if (closing.signal.aborted) return
    const ended = store.builds.list(appId).filter((build) => build.status !== 'pending')
    for (const build of ended.slice(0, -BUILDS_KEPT)) {
      await removeTree(join(home.builds, build.id))
      store.builds.remove(build.id)
    }
    await slugs.prune(slugsInUse())
  }

  function slugsInUse(): ReadonlySet<string> {
    const dynos = store.apps.list().flatMap((app) => effects.dynos.list(app.id))
    return new Set(
      dynos.flatMap((dyno) => store.releases.find(dyno.appId, dyno.release.id)?.slugId ?? []),
    )
  }

  async function failLeftover(build: Build): Promise<void> {
    await endLeftover(join(home.builds, build.id, 'process'))
    const output = new OutputFile(outputFile(home, build.id))
    tellFailure(
      pushText((line) => output.write(line)),
      problem('build_rejected', PLANE_WENT_DOWN),
    )
    output.end()
    await removeTree(join(home.builds, build.id, 'work'))
    store.builds.end(build.id, { status: 'failed', failure: PLANE_WENT_DOWN })
  }

  return {
    builtIns: runtimes.builtIns,
    sources,
    start,
    find: (appId, id) => store.builds.find(appId, id),
    list: (appId) => store.builds.list(appId),
    async *output(build, signal) {
      const live = running.get(build.id)
      if (live !== undefined) yield* live.output.follow(signal)
      else yield* createReadStream(outputFile(home, build.id)) as AsyncIterable<Uint8Array>
    },
    ended: async (id) => (await running.get(id)?.ended) ?? store.builds.get(id),
    async purgeCache(appId) {
      const { stack } = store.apps.get(appId)
      await removeTree(cacheFolder(home, appId, stack))
    },
    async recover() {
      await removeTree(abandoned)
      for (const build of store.builds.pending()) {
        if (!running.has(build.id)) await failLeftover(build)
      }
      await sources.prune()
    },
    async remove(appId) {
      for (const build of store.builds.list(appId)) {
        running.get(build.id)?.cancel()
        await running.get(build.id)?.finished
        await removeTree(join(home.builds, build.id))
      }
      await removeTree(join(home.apps, appId))
      await slugs.remove(appId)
    },
    async close() {
      closing.abort(new Error('the platform is going down'))
      const finished = [...running.values()].map((one) => one.finished)
      await Promise.race([Promise.allSettled(finished), wait(CLOSE_MS)])
    },
  }
}

function setAside(folder: string, to: string): void {
  if (!existsSync(folder)) return
  mkdirSync(dirname(to), { recursive: true })
  renameSync(folder, to)
}

/** How many builds of an app keep their record and output. */
const BUILDS_KEPT = 50

/** How long a plane that goes down waits for its builds to say so. */
const CLOSE_MS = 5000

const outputFile = (home: Home, id: string): string => join(home.builds, id, 'output')

function buildRunning(app: string, build: Build) {
  return problem('build_running', `A build of ${app} is already running: ${build.id}`, {
    hint: 'Wait until it has ended, then push again.',
    details: { build: { id: build.id } },
  })
}
