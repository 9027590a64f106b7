import type { DynoRecord } from '../store/index.ts'
import type { InstanceState } from './engine.ts'
import type { AppFormation, FormationEffects } from './formation.ts'
import type { OneOffs } from './one-offs.ts'
import type { PortLeases } from './port-leases.ts'
import { hasProcess } from './routed.ts'

export type Adopters = Readonly<{
  ports: Pick<PortLeases, 'keep' | 'release'>
  oneOffs: Pick<OneOffs, 'resume' | 'lost'>
  formationOf: (appId: string) => AppFormation
  onEnd: (state: InstanceState) => Promise<void>
}>

/**
 * Brings what an earlier control plane left in line with what is: dynos that still run are taken over,
 * those that ended are recorded as ended, and what a reboot took away starts again. Dynos that were
 * being replaced serve on until the router has the new table.
 */
export async function adopt(effects: FormationEffects, adopters: Adopters): Promise<void> {
  const { store, engine, report, route } = effects
  const found = new Map((await engine.list()).map((state) => [state.id, state]))
  const dynos = store.dynos.all()
  for (const { port } of dynos) if (port !== null) adopters.ports.keep(port)
  for (const dyno of dynos.filter(hasProcess)) {
    await adoptDyno(dyno, found.get(dyno.id), effects, adopters).catch(report)
  }
  const known = new Set(dynos.filter(hasProcess).map(({ id }) => id))
  for (const { id } of [...found.values()].filter((state) => !known.has(state.id))) {
    await engine.kill(id)
    await engine.remove(id)
  }
  await route()
  for (const { id } of store.apps.list()) adopters.formationOf(id).resumeStops()
}

async function adoptDyno(
  dyno: DynoRecord,
  state: InstanceState | undefined,
  effects: FormationEffects,
  { ports, oneOffs, formationOf, onEnd }: Adopters,
): Promise<void> {
  const { store, engine, instances } = effects
  // What it printed meanwhile is read, also if it has ended.
  if (state !== undefined && !dyno.attached) instances.follow(dyno, dyno.ordinal === null)
  if (state?.phase === 'running' && !dyno.attached) {
    return dyno.ordinal === null ? oneOffs.resume(dyno) : formationOf(dyno.appId).resume(dyno)
  }
  // The other end of its terminal is gone.
  if (state?.phase === 'running') await engine.kill(dyno.id)
  if (dyno.ordinal === null) return await oneOffs.lost(dyno, state?.exit ?? null)
  if (state?.phase === 'exited' && !dyno.retired) return await onEnd(state)
  // Gone with the machine, or before it began: not its fault, so it starts without delay.
  if (state !== undefined) await instances.clear(dyno, state.exit)
  else if (dyno.port !== null) ports.release(dyno.port)
  store.dynos.remove(dyno.id)
}
