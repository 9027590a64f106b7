import type { App, Release } from '../store/index.ts'
import type { Dynos, ExitStatus } from './contract.ts'

/** Runs the `release` process of a release as a one-off, or joins one that still runs. */
export async function runReleasePhase(
  dynos: Pick<Dynos, 'run' | 'exitOf' | 'list'>,
  at: Readonly<{ app: App; release: Release; outputFile: string }>,
): Promise<ExitStatus> {
  return await (survivor(at.release, dynos) ?? start(at, dynos))
}

/** A release phase that ran on while the control plane was away. */
function survivor(
  release: Release,
  dynos: Pick<Dynos, 'exitOf' | 'list'>,
): Promise<ExitStatus> | undefined {
  const dyno = dynos
    .list(release.appId)
    .find((candidate) => candidate.type === 'release' && candidate.release.id === release.id)
  return dyno === undefined ? undefined : dynos.exitOf(dyno.name, release.appId)
}

async function start(
  { app, release, outputFile }: Readonly<{ app: App; release: Release; outputFile: string }>,
  dynos: Pick<Dynos, 'run'>,
): Promise<ExitStatus> {
  const { exit } = await dynos.run({
    app,
    release,
    kind: 'release',
    command: 'release',
    size: null,
    env: {},
    attach: null,
    outputFile,
    timeoutMs: RELEASE_PHASE_MS_MAX,
  })
  return await exit
}

/** As on Heroku: one hour. */
const RELEASE_PHASE_MS_MAX = 60 * 60_000
