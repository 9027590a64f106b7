import type { DynoRecord } from '../store/index.ts'
import type { FormationEffects } from './formation.ts'
import { hasProcess } from './routed.ts'
import { limitsOf } from './sizes.ts'

/**
 * Looks at all dynos every now and then: how much memory they hold (R14, and R15 where the kernel
 * does not see to it), which are old enough to be replaced, and which ended long ago.
 */
export function startSampling(
  effects: FormationEffects,
  cycle: (dyno: DynoRecord) => void,
): { stop: () => void } {
  const timer = setInterval(() => {
    try {
      sample(effects, cycle)
    } catch (error) {
      effects.report(error)
    }
  }, effects.timeoutsInUse.sampleMs).unref()
  return { stop: () => clearInterval(timer) }
}

function sample(effects: FormationEffects, cycle: (dyno: DynoRecord) => void): void {
  const { store, timeoutsInUse } = effects
  const now = store.now()
  const dynos = store.dynos.all()
  for (const dyno of dynos.filter(({ state, fresh }) => state === 'up' && fresh)) {
    if (dyno.cycleAt !== null && dyno.cycleAt <= now) cycle(dyno)
  }
  const forgetBefore = new Date(Date.parse(now) - timeoutsInUse.rememberMs).toISOString()
  for (const dyno of dynos.filter(({ state }) => state === 'complete')) {
    if (dyno.stateSince < forgetBefore) store.dynos.remove(dyno.id)
  }
  sampleMemory(dynos.filter(hasProcess), effects)
}

/** Feature `log-runtime-metrics`: what each dyno uses, in its app's log. */
function logMetrics(
  dyno: DynoRecord,
  { used, quota }: Readonly<{ used: number; quota: number }>,
  { store, instances }: FormationEffects,
): void {
  const owner = { kind: 'app', id: dyno.appId } as const
  if (!store.features.isEnabled(owner, 'log-runtime-metrics')) return
  instances.say(
    dyno,
    `source=${dyno.name} dyno=heroku.${dyno.appId}.${dyno.id} ` +
      `sample#memory_total=${used.toFixed(2)}MB sample#memory_quota=${quota.toFixed(2)}MB`,
  )
}

function sampleMemory(dynos: readonly DynoRecord[], effects: FormationEffects): void {
  const { engine, instances } = effects
  const used = engine.memoryBytes(dynos.map(({ id }) => id))
  for (const dyno of dynos) {
    const { memoryMb, memoryKillMb } = limitsOf(dyno.size)
    const megabytes = (used.get(dyno.id) ?? 0) / 2 ** 20
    logMetrics(dyno, { used: megabytes, quota: memoryMb }, effects)
    if (megabytes <= memoryMb) continue
    const percent = ((100 * megabytes) / memoryMb).toFixed(1)
    instances.say(dyno, `Process running mem=${Math.round(megabytes)}M(${percent}%)`)
    if (megabytes <= memoryKillMb) {
      instances.say(dyno, 'Error R14 (Memory quota exceeded)')
    } else {
      instances.say(dyno, 'Error R15 (Memory quota vastly exceeded)')
      instances.say(dyno, 'Stopping process with SIGKILL')
      void engine.kill(dyno.id)
    }
  }
}
