import type { DynoRecord } from '../store/index.ts'
import type { Dyno, Dynos } from './contract.ts'

/** What the router is to do with an app whose dynos are these. */
export function routedDynos(dynos: readonly DynoRecord[]): ReturnType<Dynos['routed']> {
  const web = dynos.filter(
    ({ type, retired, ordinal }) => type === 'web' && !retired && ordinal !== null,
  )
  const instances = web.flatMap(({ id, name, host, port, serving }) =>
    serving && host !== null && port !== null ? [{ id, dyno: name, host, port }] : [],
  )
  const some = (state: DynoRecord['state']): boolean => web.some((dyno) => dyno.state === state)
  if (instances.length > 0 || some('starting') || some('up')) return { state: 'live', instances }
  if (some('idle')) return { state: 'asleep', instances }
  return { state: some('crashed') ? 'crashed' : 'stopped', instances }
}

/** The dynos that people see: one a name, without those that are only being stopped. */
export function shownDynos(dynos: readonly DynoRecord[]): DynoRecord[] {
  const present = dynos.filter(({ retired }) => !retired)
  const newest = new Map(present.map((dyno) => [dyno.name, dyno]))
  return [...newest.values()].toSorted(
    (a, b) => a.type.localeCompare(b.type) || (a.ordinal ?? 0) - (b.ordinal ?? 0),
  )
}

/** A dyno as the API shows it. */
export const dynoOf = (dyno: DynoRecord): Dyno => ({
  id: dyno.id,
  appId: dyno.appId,
  name: dyno.name,
  type: dyno.type,
  command: dyno.command,
  size: dyno.size,
  state: dyno.state,
  stateSince: dyno.stateSince,
  stateReason: dyno.stateReason,
  release: { id: dyno.releaseId, version: dyno.releaseVersion },
  attachUrl: dyno.attachUrl,
  createdAt: dyno.createdAt,
  updatedAt: dyno.stateSince,
})

/** Whether `which` (`web`, `web.1`, or nothing for all) names the dyno. */
export const isMeant = (dyno: DynoRecord, which: string | undefined): boolean =>
  which === undefined || dyno.name === which || dyno.type === which

/** States in which there is a process, or soon will be. */
export const hasProcess = ({ state }: Pick<DynoRecord, 'state'>): boolean =>
  state === 'starting' || state === 'up' || state === 'stopping'
