import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { adopt } from './adopt.ts'
import type { Dynos } from './contract.ts'
import type { DynosEffects } from './effects.ts'
import type { InstanceState } from './engine.ts'
import { AppFormation } from './formation.ts'
import { createInstances } from './instances.ts'
import { OneOffs } from './one-offs.ts'
import { openPortLeases } from './port-leases.ts'
import { openRendezvous } from './rendezvous/rendezvous.ts'
import { dynoOf, isMeant, routedDynos, shownDynos } from './routed.ts'
import { startSampling } from './sampling.ts'
import { SleepClock } from './sleep.ts'
import { TIMEOUTS } from './timeouts.ts'

/** The dynos of all apps, on one engine. Starts nothing by itself: `adopt` does. */
export async function openDynos(effects: DynosEffects): Promise<Dynos> {
  const { store, engine, home } = effects
  const timeoutsInUse = { ...TIMEOUTS, ...effects.timeouts }
  const start = createHash('sha256').update(home.root).digest().readUInt16BE(0)
  const ports = effects.ports ?? openPortLeases({ start })
  const report = effects.onBug ?? ((error: unknown) => console.error('dynos:', error))
  const instances = createInstances(effects, ports, timeoutsInUse)
  const rendezvous = await openRendezvous(join(home.run, 'rendezvous.sock'))
  const parts = { ...effects, timeoutsInUse, instances, report, rendezvous }
  const oneOffs = new OneOffs(parts)
  const formations = new Map<string, AppFormation>()
  const formationOf = (appId: string): AppFormation => {
    const known = formations.get(appId) ?? new AppFormation(appId, parts)
    formations.set(appId, known)
    return known
  }
  const sleep = new SleepClock(effects.ecoIdleMs, store, (appId) =>
    formationOf(appId).park(({ size }) => size === 'Eco', 'idle'),
  )
  const sampling = startSampling(parts, (dyno) =>
    formationOf(dyno.appId).restart(({ id }) => id === dyno.id, 'Cycling'),
  )

  const onEnd = async (state: InstanceState): Promise<void> => {
    const dyno = store.dynos.find(state.id)
    if (dyno === undefined) return
    if (dyno.ordinal === null) await oneOffs.ended(dyno, state.exit)
    else await formationOf(dyno.appId).ended(dyno, state.exit)
  }
  engine.watch((state) => void onEnd(state).catch(report))

  const stopApp = async (appId: string): Promise<void> => {
    const oneOff = oneOffs.running(appId)
    await Promise.all([
      formationOf(appId).stopAll(),
      ...oneOff.map(async (dyno) => await oneOffs.stop(dyno)),
    ])
  }

  return {
    async deploy(app, release) {
      sleep.sawActivity([app.id])
      return await formationOf(app.id).deploy(release)
    },
    reconcile: async (appId) => formationOf(appId).reconcile(),
    async restart(appId, which) {
      sleep.sawActivity([appId])
      formationOf(appId).restart((dyno) => isMeant(dyno, which), 'Restarting')
    },
    async stop(appId, which) {
      formationOf(appId).park((dyno) => isMeant(dyno, which), 'down')
      const oneOff = oneOffs.running(appId).filter((dyno) => isMeant(dyno, which))
      for (const dyno of oneOff) void oneOffs.stop(dyno).catch(report)
    },
    async run(request) {
      const { dyno, exit } = await oneOffs.run(request)
      return { dyno: dynoOf(dyno), exit }
    },
    exitOf: (name, appId) => oneOffs.exitOf(name, appId),
    list: (appId) => shownDynos(store.dynos.list(appId).filter(oneOffs.isShown)).map(dynoOf),
    async remove(appId) {
      await stopApp(appId)
      formations.delete(appId)
    },
    wake: async (appId) => formationOf(appId).wake(),
    sawActivity: (appIds) => sleep.sawActivity(appIds),
    routed: (appId) => routedDynos(store.dynos.list(appId)),
    adopt: async () => await adopt(parts, { ports, oneOffs, formationOf, onEnd }),
    async close() {
      sampling.stop()
      sleep.stop()
      for (const formation of formations.values()) formation.close()
      await rendezvous.close()
      await oneOffs.close()
      engine.close()
    },
    async stopAll() {
      await Promise.all(store.apps.list().map(async ({ id }) => await stopApp(id)))
    },
  }
}
