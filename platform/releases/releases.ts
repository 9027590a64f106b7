import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyedQueue } from '@hokku/kit/keyed-queue'
import type { Logs } from '../logs/index.ts'
import { newSecret, type App, type Home, type Release, type Store } from '../store/index.ts'
import type { DeployOutcome, ExitStatus, ReleaseRequest, Releases } from './contract.ts'
import { followFile } from './follow-file.ts'
import { joinProcessTypes, settleProcessTypes, type FormationChange } from './process-types.ts'

export type ReleaseEffects = Readonly<{
  store: Store
  home: Pick<Home, 'logs'>
  logs: Pick<Logs, 'write'>
  /** Swaps an app's dynos to a release. */
  deploy: (app: App, release: Release) => Promise<DeployOutcome>
  /**
   * Runs the `release` process of a release, or joins it when it still runs since before a restart.
   * Its output goes to the file.
   */
  runReleasePhase: (app: App, release: Release, outputFile: string) => Promise<ExitStatus>
  /** Anything else that shows the app's state, such as the route table. */
  route: () => Promise<void>
  onBug: (error: unknown) => void
}>

/** Numbered releases; each app's are brought to its dynos one after the other. */
export const createReleases = (effects: ReleaseEffects): Releases => new QueuedReleases(effects)

class QueuedReleases implements Releases {
  readonly #effects: ReleaseEffects
  /** Releases on their way to the dynos, by app. */
  readonly #queue = createKeyedQueue()
  /** Ends of the releases that are on their way, by id. */
  readonly #settling = new Map<string, Promise<void>>()

  constructor(effects: ReleaseEffects) {
    this.#effects = effects
  }

  create(request: ReleaseRequest): Release {
    const { store } = this.#effects
    return store.transaction(() => {
      const release = record(request, this.#effects)
      store.db.afterCommit(() => this.#enqueue(release))
      return release
    })
  }

  async settled(releaseId: string): Promise<Release> {
    await this.#settling.get(releaseId)
    return this.#effects.store.releases.get(releaseId)
  }

  output(release: Release, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const file = outputFile(this.#effects.home, release)
    return followFile(file, this.#settling.get(release.id), signal)
  }

  async recover(): Promise<void> {
    for (const release of this.#effects.store.releases.pending()) this.#enqueue(release)
  }

  #enqueue(release: Release): void {
    const end = this.#queue
      .run(release.appId, () => deployRelease(release, this.#effects))
      .catch(this.#effects.onBug)
      .finally(() => this.#settling.delete(release.id))
    this.#settling.set(release.id, end)
  }
}

/** Where the output of a release phase is kept. */
const outputFile = (home: Pick<Home, 'logs'>, release: Release): string =>
  join(home.logs, 'releases', release.id)

function record(request: ReleaseRequest, { store, logs }: ReleaseEffects): Release {
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
    addonPlans: store.addons.ofApp(appId).map(({ service, plan }) => `${service}:${plan}`),
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
async function deployRelease(release: Release, effects: ReleaseEffects): Promise<void> {
  const { store, deploy, logs } = effects
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
  const outcome = await deploy(app, store.releases.get(release.id))
  // Without a web dyno that came up no swap reaches the router, and a first deploy changes the page.
  await effects.route()
  if (outcome.status !== 'unhealthy') return
  const serving =
    outcome.stillServing === null ? '' : `; v${outcome.stillServing} keeps serving requests`
  logs.write(
    app.id,
    'heroku',
    'web',
    `v${release.version} did not come up: ${outcome.reason}${serving}`,
  )
}

async function runPhase(app: App, release: Release, effects: ReleaseEffects): Promise<boolean> {
  const { runReleasePhase, logs, home } = effects
  await mkdir(join(home.logs, 'releases'), { recursive: true })
  const exit = await runReleasePhase(app, release, outputFile(home, release))
  if (exit.code === 0) return true
  const how = exit.oom
    ? 'it ran out of memory'
    : exit.signal === null
      ? `exit status ${exit.code}`
      : `signal ${exit.signal}`
  logs.write(app.id, 'app', 'api', `Release v${release.version} command failed: ${how}`)
  return false
}
