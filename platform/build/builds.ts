import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '@hokku/kit/problem'
import type { Releases } from '../release/index.ts'
import { newSecret, problem, type Build, type Home } from '../store/index.ts'
import { runBuild, type BuildEffects } from './build-run.ts'
import { cacheFolder } from './compile/workspace.ts'
import type { BuildRequest, Builds } from './contract.ts'
import { LIMITS, type BuildLimits } from './limits.ts'
import { OutputFile } from './output-file.ts'
import { pushText, type PushText } from './push-text.ts'
import { recordRelease, streamRelease } from './release-step.ts'
import { openRuntimes } from './runtime/runtimes.ts'

export type BuildsEffects = Omit<BuildEffects, 'runtimes' | 'limits'> &
  Readonly<{
    releases: Releases
    /** hokku's own version, and the folder it runs from. */
    version: string
    root: string
    /** Where an app is reached, e.g. `http://demo.localhost:8080/`. */
    webUrl: (appName: string) => string
    limits?: Partial<BuildLimits>
  }>

type RunningBuild = { output: OutputFile; finished: Promise<void>; ended: Promise<Build> }

/** Runs the builds of all apps, one at a time each. */
export function openBuilds(options: BuildsEffects): Builds {
  const { home, store } = options
  const limits = { ...LIMITS, ...options.limits }
  const runtimes = openRuntimes(home, options.root, options.version)
  const effects = { ...options, runtimes, limits }
  const running = new Map<string, RunningBuild>()
  const closing = new AbortController()

  function start(request: BuildRequest): Build {
    const known = store.builds.pendingOf(request.app.id)
    if (known !== undefined) throw buildRunning(request.app.name, known)
    const { app, accountId, source, sourceVersion } = request
    const outputSecret = newSecret()
    const build = store.builds.create({
      appId: app.id,
      accountId,
      source,
      sourceVersion,
      outputSecret,
    })
    const output = new OutputFile(outputFile(home, build.id))
    const ended = perform(build, request, output)
    const finished = ended
      .then((done) => afterwards(done, output))
      .finally(() => {
        output.end()
        running.delete(build.id)
      })
    finished.catch((error: unknown) => console.error(`build ${build.id}:`, error))
    running.set(build.id, { output, finished, ended })
    return build
  }

  /** From source to release record; never rejects for what a user can be told. */
  async function perform(build: Build, request: BuildRequest, output: OutputFile): Promise<Build> {
    const text = pushText((line) => output.write(line))
    const timeout = AbortSignal.timeout(limits.buildMs)
    const signal = AbortSignal.any([closing.signal, timeout])
    let doing = 'the start'
    text.line('Compressing source files... done.')
    text.line('Building source:')
    text.line()
    try {
      const { app } = request
      const running = (what: string): void => void (doing = what)
      const built = await runBuild({ build, app, request, text, signal, running }, effects)
      signal.throwIfAborted()
      text.topic('Launching...')
      return recordRelease({ build, app, built, text }, effects)
    } catch (error) {
      const failure = explain(error, { timeout, closing: closing.signal, doing, limits })
      tellFailure(text, failure)
      return store.builds.end(build.id, { status: 'failed', failure: failure.message })
    }
  }

  async function afterwards(build: Build, output: OutputFile): Promise<void> {
    if (build.status !== 'succeeded' || build.releaseId === null) return
    const text = pushText((line) => output.write(line))
    await streamRelease(store.releases.get(build.releaseId), text, {
      releases: options.releases,
      write: (bytes) => output.write(bytes),
      signal: closing.signal,
    })
  }

  return {
    start,
    find: (appId, id) => store.builds.find(appId, id),
    list: (appId) => store.builds.list(appId),
    async *output(build, signal) {
      const live = running.get(build.id)
      if (live !== undefined) yield* live.output.follow(signal)
      else yield* createReadStream(outputFile(home, build.id)) as AsyncIterable<Uint8Array>
    },
    ended: async (id) => running.get(id)?.ended ?? store.builds.get(id),
    async purgeCache(appId) {
      const stack = store.apps.get(appId).stack
      await rm(cacheFolder(home, appId, stack), { recursive: true, force: true })
    },
    async recover() {
      for (const build of store.builds.pending()) {
        const failure = 'The platform was restarted while this build was running. Push again.'
        const output = new OutputFile(outputFile(home, build.id))
        tellFailure(
          pushText((line) => output.write(line)),
          problem('build_rejected', failure),
        )
        output.end()
        await rm(join(home.builds, build.id, 'work'), { recursive: true, force: true })
        store.builds.end(build.id, { status: 'failed', failure })
      }
    },
    async remove(appId) {
      for (const build of store.builds.list(appId)) {
        await running.get(build.id)?.finished.catch(() => {})
        await rm(join(home.builds, build.id), { recursive: true, force: true })
      }
      await rm(join(home.apps, appId), { recursive: true, force: true })
      await options.slugs.remove(appId)
    },
    async close() {
      closing.abort(new Error('the platform is going down'))
      await Promise.race([
        Promise.allSettled([...running.values()].map((one) => one.finished)),
        wait(CLOSE_MS),
      ])
    },
  }
}

/** How long a plane that goes down waits for its builds to say so. */
const CLOSE_MS = 5000

const outputFile = (home: Home, id: string): string => join(home.builds, id, 'output')

function buildRunning(app: string, build: Build) {
  return problem('build_running', `A build of ${app} is already running: ${build.id}`, {
    hint: 'Wait until it has ended, then push again.',
    details: { build: { id: build.id } },
  })
}

/** What a user is told about a failure; bugs are logged whole and shown as nothing. */
function explain(
  error: unknown,
  at: { timeout: AbortSignal; closing: AbortSignal; doing: string; limits: BuildLimits },
): Problem {
  if (at.closing.aborted) {
    return problem(
      'build_rejected',
      'The platform went down while this build was running. Push again.',
    )
  }
  if (at.timeout.aborted) {
    const minutes = at.limits.buildMs / 60_000
    const limit = minutes >= 1 ? `${minutes} minutes` : `${at.limits.buildMs / 1000} seconds`
    return problem('build_rejected', `Build timed out after ${limit}: ${at.doing} did not end.`)
  }
  if (error instanceof Problem) return error
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
    return problem('disk_full', 'There is no space left on the disk.', {
      hint: 'Make room and push again. Nothing has changed.',
    })
  }
  console.error('a build failed on our side:', error)
  return problem('build_rejected', 'The build failed on our side. It has been logged.')
}

function tellFailure(text: PushText, failure: Problem): void {
  text.line()
  text.warn(failure.message)
  if (failure.hint !== undefined) text.warn(failure.hint)
  text.line()
  text.warn('Push failed')
}
