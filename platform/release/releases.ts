import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Addons } from '../addons/index.ts'
import type { Dynos, ExitStatus } from '../dynos/index.ts'
import type { Logs } from '../logs/index.ts'
import { newSecret, type App, type Home, type Release, type Store } from '../store/index.ts'
import type { ReleaseRequest, Releases } from './contract.ts'
import { followFile } from './follow-file.ts'
import { joinProcessTypes, settleProcessTypes, type FormationChange } from './process-types.ts'

export type ReleaseEffects = Readonly<{
  store: Store
  home: Pick<Home, 'logs'>
  logs: Pick<Logs, 'write'>
  dynos: Pick<Dynos, 'deploy' | 'run' | 'exitOf' | 'list'>
  addons: Pick<Addons, 'planNames'>
  /** Whatever else shows the app's state: the router's table, say. */
  route: () => Promise<void>
  onBug: (error: unknown) => void
}>

/** Numbered releases; each app's are brought to its dynos one after the other. */
export function createReleases(effects: ReleaseEffects): Releases {
  const { store } = effects
  /** The end of each app's line of releases under way. */
  const lines = new Map<string, Promise<void>>()
  const settling = new Map<string, Promise<void>>()

  const enqueue = (release: Release): void => {
    const before = lines.get(release.appId) ?? Promise.resolve()
    const line = before.then(() => bringOut(release, effects)).catch(effects.onBug)
    lines.set(release.appId, line)
    settling.set(release.id, line)
    void line.then(() => {
      settling.delete(release.id)
      if (lines.get(release.appId) === line) lines.delete(release.appId)
    })
  }

  return {
    create: (request) =>
      store.transaction(() => {
        const release = record(request, effects)
        store.db.afterCommit(() => enqueue(release))
        return release
      }),
    settled: async (releaseId) => {
      await settling.get(releaseId)
      return store.releases.get(releaseId)
    },
    output: (release, signal) =>
      followFile(outputFile(effects.home, release), settling.get(release.id), signal),
    recover: async () => {
      for (const release of store.releases.pending()) enqueue(release)
    },
  }
}

/** Where the output of a release phase is kept. */
const outputFile = (home: Pick<Home, 'logs'>, release: Release): string =>
  join(home.logs, 'releases', release.id)

function record(request: ReleaseRequest, { store, addons, logs }: ReleaseEffects): Release {
  const { appId, accountId, description } = request
  const slugId = request.slugId ?? store.releases.current(appId)?.slugId ?? null
  const slug = slugId === null ? undefined : store.slugs.find(slugId)
  const hasPhase = request.releasePhase && slug?.processTypes['release'] !== undefined
  const release = store.releases.create({
    appId,
    accountId,
    description,
    slugId,
    status: hasPhase ? 'pending' : 'succeeded',
    outputSecret: hasPhase ? newSecret() : null,
    config: store.configVars.list(appId),
    addonPlans: addons.planNames(appId),
  })
  store.apps.update(appId, { releasedAt: store.now(), slugSize: slug?.size ?? null })
  if (slug !== undefined) {
    changeFormation(store, appId, joinProcessTypes(slug, store.formations.list(appId)))
    if (!hasPhase) goLive(release, store)
  }
  const email = store.accounts.find(accountId)?.email ?? 'unknown'
  store.db.afterCommit(() => {
    logs.write(appId, 'app', 'api', `${description} by user ${email}`)
    logs.write(appId, 'app', 'api', `Release v${release.version} created by user ${email}`)
  })
  return release
}

function goLive(release: Release, store: Store): void {
  if (release.slugId === null) return
  const slug = store.slugs.get(release.slugId)
  const formation = store.formations.list(release.appId)
  changeFormation(store, release.appId, settleProcessTypes(slug, formation))
}

function changeFormation(store: Store, appId: string, changes: readonly FormationChange[]): void {
  for (const change of changes) {
    if (change.do === 'set') store.formations.set(appId, change)
    else store.formations.remove(appId, change.type)
  }
}

/** Release phase, then the swap. A failed phase leaves the old version as it is. */
async function bringOut(release: Release, effects: ReleaseEffects): Promise<void> {
  const { store, dynos, logs } = effects
  const app = store.apps.find(release.appId)
  if (app === undefined) return
  const passed = release.status !== 'pending' || (await runPhase(app, release, effects))
  if (release.status === 'pending') {
    store.transaction(() => {
      store.releases.setStatus(release.id, passed ? 'succeeded' : 'failed')
      if (passed) goLive(release, store)
    })
  }
  if (!passed || release.slugId === null) return await effects.route()
  // A newer one has passed already, e.g. the other half of a replaced attachment: one swap will do.
  if (store.releases.current(app.id)?.id !== release.id) return
  const outcome = await dynos.deploy(app, store.releases.get(release.id))
  if (outcome.status !== 'unhealthy') return
  const serving =
    outcome.stillServing === null ? '' : `; v${outcome.stillServing} goes on serving requests`
  logs.write(
    app.id,
    'heroku',
    'web',
    `v${release.version} did not come up: ${outcome.reason}${serving}`,
  )
}

async function runPhase(app: App, release: Release, effects: ReleaseEffects): Promise<boolean> {
  const { dynos, logs, home } = effects
  await mkdir(join(home.logs, 'releases'), { recursive: true })
  const exit = await (survivor(release, dynos) ?? startPhase(app, release, effects))
  if (exit.code === 0) return true
  const how = exit.oom
    ? 'it ran out of memory'
    : exit.signal === null
      ? `exit status ${exit.code}`
      : `signal ${exit.signal}`
  logs.write(app.id, 'app', 'api', `Release v${release.version} command failed: ${how}`)
  return false
}

/** A release phase that went on while the control plane was away. */
function survivor(
  release: Release,
  dynos: ReleaseEffects['dynos'],
): Promise<ExitStatus> | undefined {
  const dyno = dynos
    .list(release.appId)
    .find((candidate) => candidate.type === 'release' && candidate.release.id === release.id)
  return dyno === undefined ? undefined : dynos.exitOf(dyno.name, release.appId)
}

async function startPhase(
  app: App,
  release: Release,
  effects: ReleaseEffects,
): Promise<ExitStatus> {
  const { exit } = await effects.dynos.run({
    app,
    release,
    kind: 'release',
    command: 'release',
    size: null,
    env: {},
    attach: null,
    outputFile: outputFile(effects.home, release),
    timeoutMs: RELEASE_PHASE_MS_MAX,
  })
  return await exit
}

/** As on Heroku: one hour. */
const RELEASE_PHASE_MS_MAX = 60 * 60_000
