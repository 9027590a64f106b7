import { join } from 'node:path'
import type { Dynos } from '../dynos/index.ts'
import type { Logs } from '../logs/index.ts'
import type { Releases } from '../releases/index.ts'
import type { Build, Release } from '../store/index.ts'
import { runBuild, type BuildEffects, type BuildTask } from './build-run.ts'
import type { BuildRequest } from './contract.ts'
import { explainFailure, tellFailure } from './failure.ts'
import { noteProcess } from './leftover.ts'
import type { OutputFile } from './output-file.ts'
import { pushText, type PushText } from './push-text.ts'
import { recordRelease, streamRelease } from './release-step.ts'
import { NO_SETUP, type Setup } from './setup/app-json.ts'
import { runTests } from './run-tests.ts'
import { runPostdeploy } from './setup/postdeploy.ts'

export type PerformEffects = BuildEffects &
  Readonly<{
    releases: Releases
    dynos: Pick<Dynos, 'run' | 'list'>
    logs: Pick<Logs, 'recent'>
    /** Where an app is reached, e.g. `http://demo.localhost:8080/`. */
    webUrl: (appName: string) => string
    /** Aborted when the control plane goes down. */
    closing: AbortSignal
  }>

/** A build that was asked for, and where what it prints goes. */
export type NewBuild = Readonly<{ build: Build; request: BuildRequest; output: OutputFile }>

/** A build that has ended, and what is to be done after its release. */
export type Performed = Readonly<{ build: Build; setup: Setup }>

/** From source to release record; never rejects for what a user can see. */
export async function performBuild(
  { build, request, output }: NewBuild,
  effects: PerformEffects,
): Promise<Performed> {
  const { limits, closing, store } = effects
  const text = textOf(output)
  const timeout = AbortSignal.timeout(limits.buildMs)
  let doing = 'the start'
  const running = (what: string, pid: number | null): void => {
    doing = what
    if (pid !== null) void noteProcess(processFile(output), pid).catch(() => {})
  }
  const signal = AbortSignal.any([closing, timeout])
  try {
    return await perform({ build, request, text, signal, running }, effects)
  } catch (error) {
    const failure = explainFailure(error, { timeout, closing, doing, limits })
    tellFailure(text, failure, request.isTest === true ? 'Test run' : 'Push')
    const ended = store.builds.end(build.id, { status: 'failed', failure: failure.message })
    return { build: ended, setup: NO_SETUP }
  }
}

async function perform(task: BuildTask, effects: PerformEffects): Promise<Performed> {
  const { build, request, text, signal } = task
  text.line('Compressing source files... done.')
  text.line('Building source:')
  text.line()
  if (request.isTest === true) {
    await runTests(task, effects)
    const ended = { status: 'succeeded', slugId: null, releaseId: null } as const
    return { build: effects.store.builds.end(build.id, ended), setup: NO_SETUP }
  }
  const built = await runBuild(task, effects)
  signal.throwIfAborted()
  text.topic('Launching...')
  const released = recordRelease({ build, app: request.app, built, text }, effects)
  return { build: released, setup: built.setup }
}

/** What a dyno of a release printed before it ended, without the prefix of log lines. */
function lastWords(
  appId: string,
  dyno: string,
  release: Release,
  logs: Pick<Logs, 'recent'>,
): string[] {
  const lines = logs.recent(appId, LAST_WORDS_LINES, { dyno, source: 'app' })
  const since = Date.parse(release.createdAt)
  const own = lines.filter((line) => Date.parse(line.slice(0, line.indexOf(' '))) >= since)
  const words = own.map((line) => withoutPrefix(line))
  return words.length === 0
    ? [`It printed nothing. See: heroku logs --dyno ${dyno}`]
    : [`Its last lines, as in heroku logs --dyno ${dyno}:`, ...words]
}

/** Enough for the end of a Python traceback or a Node error. */
const LAST_WORDS_LINES = 20

/** `2026-11-30T07:00:00.000000+00:00 app[web.1]: text` → `  text` */
const withoutPrefix = (line: string): string => `  ${line.replace(/^\S+ \w+\[[^\]]*\]: /, '')}`

const textOf = (output: OutputFile): PushText => pushText((line) => output.write(line))

/** Beside the output: the process group that runs now. */
const processFile = (output: OutputFile): string => join(output.file, '../process')

/** Follows the release of a build until it is through, then runs the postdeploy script. */
export async function followRelease(
  { build, setup }: Performed,
  { request, output }: NewBuild,
  effects: PerformEffects,
): Promise<void> {
  if (build.releaseId === null) return
  const { store, releases, closing } = effects
  const text = textOf(output)
  const write = (bytes: Uint8Array): void => output.write(bytes)
  const release = store.releases.get(build.releaseId)
  const settled = await streamRelease(release, text, { releases, write, signal: closing })
  if (settled.status !== 'succeeded') return
  for (const dyno of effects.dynos.list(build.appId)) {
    if (dyno.type !== 'web' || dyno.state !== 'crashed' || dyno.release.id !== release.id) continue
    text.warn(`${dyno.name} did not come up: ${dyno.stateReason ?? 'see heroku logs'}`)
    for (const line of lastWords(build.appId, dyno.name, release, effects.logs)) text.detail(line)
  }
  if (setup.postdeploy === null) return
  await runPostdeploy(
    setup.postdeploy,
    { app: request.app, release: settled, text, write },
    effects,
  )
}
