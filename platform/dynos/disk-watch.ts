import { setTimeout as sleep } from 'node:timers/promises'
import { freeSpace, isCountDue, type DiskUse, type LastCount } from '../sandbox/index.ts'
import type { DynoRecord } from '../store/index.ts'
import { judgeDisk, largestWriter } from './disk-rules.ts'
import type { FormationEffects } from './formation.ts'
import { hasProcess } from './routed.ts'
import { limitsOf } from './sizes.ts'

type WatchedDyno = Pick<DynoRecord, 'id' | 'appId' | 'name' | 'size' | 'state'>

export type DiskWatchEffects = Readonly<{
  home: Pick<FormationEffects['home'], 'root'>
  store: Readonly<{ dynos: Readonly<{ all: () => readonly WatchedDyno[] }> }>
  engine: Pick<FormationEffects['engine'], 'diskUse' | 'kill'>
  instances: Pick<FormationEffects['instances'], 'say'>
  timeoutsInUse: Pick<FormationEffects['timeoutsInUse'], 'diskMs'>
  report: FormationEffects['report']
}>

/**
 * Looks at the disk every few seconds, as the kernel has no limit for it that works everywhere: a
 * dyno that holds more than its size allows is warned in the log of its app (R30) and then stopped
 * (R31). On a disk that is nearly full the largest writer is.
 */
export async function watchDisk(effects: DiskWatchEffects, signal: AbortSignal): Promise<void> {
  const { home, report, timeoutsInUse } = effects
  const warned = new Map<string, number>()
  let last: LastCount | undefined
  while (!signal.aborted) {
    try {
      const free = await freeSpace(home.root)
      const now = performance.now()
      if (isCountDue(last, now, free)) {
        await count(effects, warned)
        last = { at: now, free: await freeSpace(home.root) }
      }
    } catch (error) {
      report(error)
    }
    await sleep(timeoutsInUse.diskMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

async function count(effects: DiskWatchEffects, warned: Map<string, number>): Promise<void> {
  const { store, engine, home } = effects
  const dynos = store.dynos.all().filter(hasProcess)
  for (const id of warned.keys()) if (!dynos.some((dyno) => dyno.id === id)) warned.delete(id)
  const uses = new Map<string, DiskUse>()
  for (const dyno of dynos) {
    const use = await engine.diskUse(dyno.id)
    const verdict = judgeDisk(use, limitsOf(dyno.size))
    if (verdict === 'stop') await stop(dyno, use, effects)
    else uses.set(dyno.id, use)
    if (verdict === 'warn') warn(dyno, use, effects, warned)
  }
  const largest = largestWriter(uses, await freeSpace(home.root))
  const victim = dynos.find(({ id }) => id === largest)
  if (victim === undefined) return
  effects.instances.say(victim, 'The disk of the machine is nearly full, and this dyno holds most')
  await stop(victim, uses.get(victim.id) ?? NOTHING, effects)
}

const NOTHING: DiskUse = { bytes: 0, files: 0 }

const usage = ({ bytes, files }: DiskUse, { size }: WatchedDyno): string => {
  const { diskMb, filesMax } = limitsOf(size)
  return `Process running disk=${Math.round(bytes / 2 ** 20)}M of ${diskMb}M, files=${files} of ${filesMax}`
}

function warn(
  dyno: WatchedDyno,
  use: DiskUse,
  { instances }: Pick<DiskWatchEffects, 'instances' | 'engine'>,
  warned: Map<string, number>,
): void {
  const now = performance.now()
  if (now - (warned.get(dyno.id) ?? -WARN_MS) < WARN_MS) return
  warned.set(dyno.id, now)
  instances.say(dyno, usage(use, dyno))
  instances.say(dyno, 'Error R30 (Disk quota exceeded)')
}

/** While a dyno keeps writing it is counted every few seconds. */
const WARN_MS = 20_000

async function stop(
  dyno: WatchedDyno,
  use: DiskUse,
  { instances, engine }: Pick<DiskWatchEffects, 'instances' | 'engine'>,
): Promise<void> {
  instances.say(dyno, usage(use, dyno))
  instances.say(dyno, 'Error R31 (Disk quota vastly exceeded)')
  instances.say(dyno, 'Stopping process with SIGKILL')
  await engine.kill(dyno.id)
}
