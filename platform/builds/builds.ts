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
export const openBuilds = (options: BuildsEffects): Builds => new BuildRunner(options)

class BuildRunner implements Builds {
  readonly builtIns: Builds['builtIns']
  readonly sources: Builds['sources']
  readonly #effects: PerformEffects
  readonly #running = new Map<string, RunningBuild>()
  readonly #closing = new AbortController()
  /** Trees that a dead control plane left; removed by `recover`. */
  readonly #abandoned: string

  constructor(options: BuildsEffects) {
    const { home, store } = options
    const runtimes = openRuntimes(home, options.root, options.version)
    this.builtIns = runtimes.builtIns
    this.sources = openSources(home, store.secrets)
    this.#effects = {
      ...options,
      runtimes,
      sources: this.sources,
      limits: { ...LIMITS, ...options.limits },
      closing: this.#closing.signal,
    }
    // Set aside before the first build can start: no build owns what lies there now.
    this.#abandoned = join(home.builds, 'abandoned')
    setAside(join(home.builds, 'trees'), join(this.#abandoned, randomUUID()))
  }

  start(request: BuildRequest): Build {
    const { app, accountId, source, sourceVersion } = request
    const { store, home } = this.#effects
    const pending = store.builds.pendingOf(app.id)
    if (pending !== undefined) throw buildRunning(app.name, pending)
    const record = { appId: app.id, accountId, source, sourceVersion, outputSecret: newSecret() }
    const build = store.builds.create(record)
    const output = new OutputFile(outputFile(home, build.id))
    const destroyed = new AbortController()
    const closing = AbortSignal.any([this.#closing.signal, destroyed.signal])
    const asked = { build, request, output }
    const performed = performBuild(asked, { ...this.#effects, closing })
    const ended = performed.then((done) => done.build)
    // Callers that wait get the failure; there may be none.
    ended.catch(() => {})
    const finished = performed
      .then((done) => followRelease(done, asked, this.#effects))
      .catch((error: unknown) => console.error(`build ${build.id}:`, error))
      .finally(() => this.#finish(build, output))
    this.#running.set(build.id, { output, finished, ended, cancel: () => destroyed.abort() })
    return build
  }

  find(appId: string, id: string): Build | undefined {
    return this.#effects.store.builds.find(appId, id)
  }

  list(appId: string): Build[] {
    return this.#effects.store.builds.list(appId)
  }

  async *output(build: Build, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const live = this.#running.get(build.id)
    if (live !== undefined) yield* live.output.follow(signal)
    else yield* createReadStream(outputFile(this.#effects.home, build.id)) as AsyncIterable<Buffer>
  }

  async ended(id: string): Promise<Build> {
    return (await this.#running.get(id)?.ended) ?? this.#effects.store.builds.get(id)
  }

  async purgeCache(appId: string): Promise<void> {
    const { home, store } = this.#effects
    await removeTree(cacheFolder(home, appId, store.apps.get(appId).stack))
  }

  async recover(): Promise<void> {
    await removeTree(this.#abandoned)
    for (const build of this.#effects.store.builds.pending()) {
      if (!this.#running.has(build.id)) await this.#failLeftover(build)
    }
    await this.sources.prune()
  }

  async remove(appId: string): Promise<void> {
    const { home, store, slugs } = this.#effects
    for (const build of store.builds.list(appId)) {
      this.#running.get(build.id)?.cancel()
      await this.#running.get(build.id)?.finished
      await removeTree(join(home.builds, build.id))
    }
    await removeTree(join(home.apps, appId))
    await slugs.remove(appId)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the platform is going down'))
    const finished = [...this.#running.values()].map((one) => one.finished)
    await Promise.race([Promise.allSettled(finished), wait(CLOSE_MS)])
  }

  #finish(build: Build, output: OutputFile): void {
    output.end()
    this.#running.delete(build.id)
    this.#tidyUp(build.appId).catch((error: unknown) => console.error('pruning failed:', error))
  }

  /** Retention: records and outputs of old builds, then slugs and layers. */
  async #tidyUp(appId: string): Promise<void> {
    if (this.#closing.signal.aborted) return
    const { store, home, slugs } = this.#effects
    const ended = store.builds.list(appId).filter((build) => build.status !== 'pending')
    for (const build of ended.slice(0, -BUILDS_KEPT)) {
      await removeTree(join(home.builds, build.id))
      store.builds.remove(build.id)
    }
    await slugs.prune(this.#slugsInUse())
  }

  #slugsInUse(): ReadonlySet<string> {
    const { store, dynos } = this.#effects
    const running = store.apps.list().flatMap((app) => dynos.list(app.id))
    return new Set(
      running.flatMap((dyno) => store.releases.find(dyno.appId, dyno.release.id)?.slugId ?? []),
    )
  }

  async #failLeftover(build: Build): Promise<void> {
    const { home, store } = this.#effects
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
}

function setAside(folder: string, to: string): void {
  if (!existsSync(folder)) return
  mkdirSync(dirname(to), { recursive: true })
  renameSync(folder, to)
}

/** How many builds of an app keep their record and output. */
const BUILDS_KEPT = 50

/** How long a control plane that goes down waits for its builds to say so. */
const CLOSE_MS = 5000

const outputFile = (home: Home, id: string): string => join(home.builds, id, 'output')

function buildRunning(app: string, build: Build) {
  return problem('build_running', `A build of ${app} is already running: ${build.id}`, {
    hint: 'Wait until it has ended, then push again.',
    details: { build: { id: build.id } },
  })
}
