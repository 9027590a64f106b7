import { setTimeout as sleep } from 'node:timers/promises'
import type { DynoRecord, Store } from '../store/index.ts'
import type { Engine } from './engine.ts'
import type { Instances } from './instances.ts'
import { untilAccepting } from './probe.ts'
import type { Timeouts } from './timeouts.ts'

export type BootEffects = Readonly<{
  engine: Pick<Engine, 'can' | 'listensOn' | 'kill'>
  instances: Pick<Instances, 'say'>
  timeoutsInUse: Pick<Timeouts, 'bootMs'>
  /** Waits until a port accepts connections; by trying unless given. */
  untilAccepting?: typeof untilAccepting | undefined
  store: Pick<Store, 'now'>
}>

export type BootOutcome =
  /** `host` is the loopback address that accepts; null for dynos that need not listen. */
  Readonly<{ kind: 'up'; host: string | null } | { kind: 'timeout' } | { kind: 'aborted' }>

/** Waits until a dyno is up: a web process accepts connections at its port, any other just runs. */
export async function untilUp(
  dyno: DynoRecord,
  effects: BootEffects,
  aborted: AbortSignal,
): Promise<BootOutcome> {
  if (dyno.type !== 'web') return { kind: 'up', host: null }
  const left =
    effects.timeoutsInUse.bootMs - (Date.parse(effects.store.now()) - Date.parse(dyno.stateSince))
  const timeout = AbortSignal.timeout(Math.max(0, left))
  const signal = AbortSignal.any([aborted, timeout])
  const accepting = effects.untilAccepting ?? untilAccepting
  while (!signal.aborted) {
    const host = await accepting(dyno.port ?? 0, signal)
    if (host !== undefined && (await isItself(dyno, effects.engine))) return { kind: 'up', host }
    await sleep(STRANGER_PAUSE_MS, undefined, { signal }).catch(() => {})
  }
  return { kind: aborted.aborted ? 'aborted' : 'timeout' }
}

/** Between two looks at a port on which another program listens. */
const STRANGER_PAUSE_MS = 250

/** Whether it is the dyno that listens: another app may have taken its port. */
async function isItself(dyno: DynoRecord, engine: BootEffects['engine']): Promise<boolean> {
  return !engine.can.isolation || (await engine.listensOn(dyno.id)).includes(dyno.port ?? 0)
}

/**
 * Ends a web process that did not come up in time.
 *
 * @returns what to tell of it; names the port that it bound instead
 */
export async function bootTimeout(dyno: DynoRecord, effects: BootEffects): Promise<string> {
  const { engine, instances, timeoutsInUse } = effects
  const bound = await engine.listensOn(dyno.id)
  const instead =
    bound.length === 0 ? '' : ` (it bound port ${bound.join(', ')} instead of ${dyno.port})`
  const seconds = Math.round(timeoutsInUse.bootMs / 1000)
  const verdict = `Error R10 (Boot timeout) -> Web process failed to bind to $PORT within ${seconds} seconds of launch${instead}`
  instances.say(dyno, verdict)
  instances.say(dyno, 'Stopping process with SIGKILL')
  void engine.kill(dyno.id)
  return verdict
}
