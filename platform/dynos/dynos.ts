import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { adopt } from './adopt.ts'
import type { DeployOutcome } from '../releases/index.ts'
import type { App, Release } from '../store/index.ts'
import type { Dyno, Dynos, ExitStatus, OneOffRequest } from './contract.ts'
import type { DynosEffects } from './effects.ts'
import type { InstanceState } from './engine.ts'
import { AppFormation, type FormationEffects } from './formation.ts'
import { createInstances } from './instances.ts'
import { OneOffs } from './one-offs.ts'
import { openPortLeases, type PortLeases } from './port-leases.ts'
import { openRendezvous, type Rendezvous } from './rendezvous/rendezvous.ts'
import { dynoOf, isMeant, routedDynos, shownDynos } from './routed.ts'
import { watchDisk } from './disk-watch.ts'
import { startSampling } from './sampling.ts'
import { SleepClock } from './sleep.ts'
import { TIMEOUTS } from './timeouts.ts'

/** The dynos of all apps, on one engine. Starts nothing by itself: `adopt` does. */
export async function openDynos(effects: DynosEffects): Promise<Dynos> {
  const rendezvous = await openRendezvous(join(effects.home.run, 'rendezvous.sock'))
  return new EngineDynos(effects, rendezvous)
}

class EngineDynos implements Dynos {
  readonly #parts: Parts
  readonly #ports: PortLeases
  readonly #oneOffs: OneOffs
  readonly #sleep: SleepClock
  readonly #sampling: ReturnType<typeof startSampling>
  readonly #closing = new AbortController()
  readonly #formations = new Map<string, AppFormation>()

  constructor(effects: DynosEffects, rendezvous: Rendezvous) {
    this.#ports = effects.ports ?? openPortLeases({ start: firstPortOffset(effects.home.root) })
    this.#parts = partsOf(effects, rendezvous, this.#ports)
    this.#oneOffs = new OneOffs(this.#parts)
    this.#sleep = new SleepClock(effects.ecoIdleMs, effects.store, (appId) =>
      this.#formationOf(appId).park(({ size }) => size === 'Eco', 'idle'),
    )
    this.#sampling = startSampling(this.#parts, (dyno) =>
      this.#formationOf(dyno.appId).restart(({ id }) => id === dyno.id, 'Cycling'),
    )
    void watchDisk(this.#parts, this.#closing.signal)
    effects.engine.watch((state) => void this.#ended(state).catch(this.#parts.report))
  }

  async deploy(app: App, release: Release): Promise<DeployOutcome> {
    this.#sleep.sawActivity([app.id])
    return await this.#formationOf(app.id).deploy(release)
  }

  async reconcile(appId: string): Promise<void> {
    this.#formationOf(appId).reconcile()
  }

  async restart(appId: string, which?: string): Promise<void> {
    this.#sleep.sawActivity([appId])
    this.#formationOf(appId).restart((dyno) => isMeant(dyno, which), 'Restarting')
  }

  async stop(appId: string, which: string): Promise<void> {
    this.#formationOf(appId).park((dyno) => isMeant(dyno, which), 'down')
    const oneOffs = this.#oneOffs.running(appId).filter((dyno) => isMeant(dyno, which))
    for (const dyno of oneOffs) void this.#oneOffs.stop(dyno).catch(this.#parts.report)
  }

  async run(request: OneOffRequest): Promise<{ dyno: Dyno; exit: Promise<ExitStatus> }> {
    const { dyno, exit } = await this.#oneOffs.run(request)
    return { dyno: dynoOf(dyno), exit }
  }

  exitOf(name: string, appId: string): Promise<ExitStatus> | undefined {
    return this.#oneOffs.exitOf(name, appId)
  }

  list(appId: string): Dyno[] {
    const dynos = this.#parts.store.dynos.list(appId)
    return shownDynos(dynos.filter((dyno) => this.#oneOffs.isShown(dyno))).map(dynoOf)
  }

  async remove(appId: string): Promise<void> {
    await this.#stopApp(appId)
    this.#formations.delete(appId)
  }

  async wake(appId: string): Promise<void> {
    this.#formationOf(appId).wake()
  }

  sawActivity(appIds: readonly string[]): void {
    this.#sleep.sawActivity(appIds)
  }

  routed(appId: string): ReturnType<Dynos['routed']> {
    return routedDynos(this.#parts.store.dynos.list(appId))
  }

  async adopt(): Promise<void> {
    await adopt(this.#parts, {
      ports: this.#ports,
      oneOffs: this.#oneOffs,
      formationOf: (appId) => this.#formationOf(appId),
      onEnd: (state) => this.#ended(state),
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#sampling.stop()
    this.#sleep.stop()
    for (const formation of this.#formations.values()) formation.close()
    await this.#parts.rendezvous.close()
    await this.#oneOffs.close()
    this.#parts.engine.close()
  }

  async stopAll(): Promise<void> {
    const apps = this.#parts.store.apps.list()
    await Promise.all(apps.map(async ({ id }) => await this.#stopApp(id)))
  }

  #formationOf(appId: string): AppFormation {
    const known = this.#formations.get(appId) ?? new AppFormation(appId, this.#parts)
    this.#formations.set(appId, known)
    return known
  }

  async #ended({ id, exit }: InstanceState): Promise<void> {
    const dyno = this.#parts.store.dynos.find(id)
    if (dyno === undefined) return
    if (dyno.ordinal === null) await this.#oneOffs.ended(dyno, exit)
    else await this.#formationOf(dyno.appId).ended(dyno, exit)
  }

  async #stopApp(appId: string): Promise<void> {
    const oneOffs = this.#oneOffs.running(appId)
    await Promise.all([
      this.#formationOf(appId).stopAll(),
      ...oneOffs.map(async (dyno) => await this.#oneOffs.stop(dyno)),
    ])
  }
}

type Parts = FormationEffects & Readonly<{ rendezvous: Rendezvous }>

/** What formations and one-offs share. */
function partsOf(effects: DynosEffects, rendezvous: Rendezvous, ports: PortLeases): Parts {
  const timeoutsInUse = { ...TIMEOUTS, ...effects.timeouts }
  const report = effects.onBug ?? ((error: unknown) => console.error('dynos:', error))
  const instances = createInstances(effects, ports, timeoutsInUse)
  return { ...effects, timeoutsInUse, instances, report, rendezvous }
}

/** Another start for each installation, so that two of one machine seldom try the same port. */
const firstPortOffset = (root: string): number =>
  createHash('sha256').update(root).digest().readUInt16BE(0)
