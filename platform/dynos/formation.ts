import { randomUUID } from 'node:crypto'
import { Problem } from '@hokku/kit/problem'
import type { DynoRecord, Release } from '../store/index.ts'
import { countCrash, restartDelayMs } from './back-off.ts'
import type { DeployOutcome, ExitStatus } from './contract.ts'
import { bootTimeout, untilUp } from './boot.ts'
import { deployOutcome } from './deploy-outcome.ts'
import type { DynosEffects } from './effects.ts'
import { reasonOf, type Instances } from './instances.ts'
import { NEW_DYNO } from './new-dyno.ts'
import { planDynos, type Slot } from './plan.ts'

import { hasProcess } from './routed.ts'
import type { Timeouts } from './timeouts.ts'
import { wantedSlots } from './wanted-slots.ts'

export type FormationEffects = DynosEffects &
  Readonly<{ instances: Instances; timeoutsInUse: Timeouts; report: (error: unknown) => void }>

/**
 * The dynos of one app's formation. Whatever happens - a deploy, a crash, a timer - it looks at
 * what is, asks the plan and acts; so nothing depends on having seen what happened before.
 */
export class AppFormation {
  readonly #appId: string
  readonly #effects: FormationEffects
  readonly #booting = new Map<string, AbortController>()
  /** Why a dyno is about to be killed by us, e.g. R10. */
  readonly #verdicts = new Map<string, string>()
  #target: Release | undefined
  #waiters: ((outcome: DeployOutcome) => void)[] = []
  #switching = 0
  #timer: NodeJS.Timeout | undefined
  /** No new starts: the app or the platform is being stopped. */
  #closed = false
  /** Another plane may be at work already: hands off. */
  #abandoned = false

  constructor(appId: string, effects: FormationEffects) {
    this.#appId = appId
    this.#effects = effects
  }

  /** Swaps to `release`; an earlier deploy that still waits is superseded. */
  async deploy(release: Release): Promise<DeployOutcome> {
    this.#tell({ status: 'superseded' })
    this.#target = release
    const { promise, resolve } = Promise.withResolvers<DeployOutcome>()
    this.#waiters.push(resolve)
    this.look()
    return promise
  }

  /** Compares what is with what should be, and starts whatever is missing between them. */
  look(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    const { store } = this.#effects
    if (store.apps.find(this.#appId) === undefined) return
    const now = store.now()
    const slots = this.#slots()
    const plan = planDynos(slots, store.dynos.list(this.#appId), now)
    for (const step of plan.steps) {
      if (step.do === 'start') this.#start(step.slot, step.after)
      else this.#switch(step.serve, step.retire)
    }
    if (plan.wakeAt !== null) {
      const wait = Math.max(0, Date.parse(plan.wakeAt) - Date.parse(now))
      this.#timer = setTimeout(() => this.look(), wait).unref()
    }
    this.#answer(plan.settled, slots)
  }

  /** Marks dynos for replacement, by the same swap as a deploy. Resets the back-off. */
  restart(matches: (dyno: DynoRecord) => boolean, why: 'Restarting' | 'Cycling'): void {
    const { store, instances } = this.#effects
    for (const dyno of this.#dynos().filter(matches)) {
      instances.say(dyno, why)
      store.dynos.update(dyno.id, { fresh: false })
    }
    this.look()
  }

  /** Takes dynos down and leaves their slots as they are: stopped, or asleep until a request. */
  park(matches: (dyno: DynoRecord) => boolean, state: 'down' | 'idle'): void {
    const { store, instances } = this.#effects
    const dynos = this.#dynos().filter((dyno) => matches(dyno) && dyno.state !== state)
    store.transaction(() => {
      for (const dyno of dynos) {
        if (state === 'idle') instances.say(dyno, 'Idling')
        instances.say(dyno, `State changed from ${dyno.state} to down`)
        const nothing = {
          host: null,
          port: null,
          cycleAt: null,
          restartAt: null,
          stateReason: null,
        }
        store.dynos.create({ ...dyno, ...nothing, id: randomUUID(), state, serving: false })
      }
    })
    this.#switch(
      [],
      dynos.map((dyno) => dyno.id),
    )
    this.look()
  }

  wake(): void {
    const { instances } = this.#effects
    for (const dyno of this.#dynos().filter(({ state }) => state === 'idle')) {
      instances.say(dyno, 'Unidling')
      this.#start(slotOf(dyno), dyno.id)
    }
    this.look()
  }

  /** An instance of the formation has ended, by itself or because we ended it. */
  async ended(dyno: DynoRecord, exit: ExitStatus | null): Promise<void> {
    this.#booting.get(dyno.id)?.abort()
    // Whoever stops it waits for its end as well, and buries it.
    if (dyno.retired || this.#closed) return
    const { store, instances, random = Math.random } = this.#effects
    await instances.bury(dyno, exit)
    const last = store.dynos.find(dyno.id)
    if (last === undefined || last.retired) return store.dynos.remove(dyno.id)
    const now = Date.parse(store.now())
    const upMs = last.state === 'up' ? now - Date.parse(last.stateSince) : 0
    const crashes = countCrash(last.crashes, upMs)
    const restartAt = new Date(now + restartDelayMs(crashes, random())).toISOString()
    const reason = this.#verdicts.get(dyno.id) ?? reasonOf(exit)
    this.#verdicts.delete(dyno.id)
    instances.say(dyno, `State changed from ${last.state} to crashed`)
    store.dynos.update(dyno.id, {
      state: 'crashed',
      stateReason: reason,
      serving: false,
      port: null,
      crashes,
      restartAt,
    })
    if (last.serving) void this.#route()
    this.look()
  }

  /** Goes on with a dyno that an earlier plane left running. */
  resume(dyno: DynoRecord): void {
    if (dyno.retired) void this.#retire([dyno], false)
    else if (dyno.state === 'starting') this.#guard(dyno, () => this.#untilUp(dyno))
  }

  /** Stops all that runs; stopped and sleeping dynos stay what they are. */
  async stopAll(): Promise<void> {
    this.#quiesce()
    const { store } = this.#effects
    const dynos = store.dynos.list(this.#appId).filter(({ ordinal }) => ordinal !== null)
    for (const dyno of dynos.filter(({ state }) => state === 'crashed')) {
      store.dynos.remove(dyno.id)
    }
    const running = dynos.filter(hasProcess)
    for (const dyno of running) store.dynos.update(dyno.id, RETIRED)
    await Promise.all(running.map(async (dyno) => await this.#end(dyno)))
  }

  /** Lets go without stopping anything. */
  close(): void {
    this.#abandoned = true
    this.#quiesce()
  }

  #quiesce(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const boot of this.#booting.values()) boot.abort()
    this.#tell({ status: 'superseded' })
  }

  #dynos(): DynoRecord[] {
    return this.#effects.store.dynos
      .list(this.#appId)
      .filter(({ ordinal, retired, fresh }) => ordinal !== null && !retired && fresh)
  }

  #slots(): Slot[] {
    const { store } = this.#effects
    const release = this.#target ?? store.releases.current(this.#appId)
    return wantedSlots(store, this.#appId, release)
  }

  #start(slot: Slot, after: string | null): void {
    const { store, instances } = this.#effects
    const name = `${slot.type}.${slot.ordinal}`
    const last = store.dynos.list(this.#appId).findLast((dyno) => dyno.name === name)
    const crashes = after === null ? 0 : (store.dynos.find(after)?.crashes ?? 0)
    const dyno = store.transaction(() => {
      if (after !== null) store.dynos.remove(after)
      const { version } = store.releases.get(slot.releaseId)
      const own = { ...slot, id: randomUUID(), appId: this.#appId, name, releaseVersion: version }
      return store.dynos.create({ ...NEW_DYNO, ...own, crashes })
    })
    const before = last === undefined || !isShown(last.state) ? 'down' : last.state
    instances.say(dyno, `State changed from ${before} to starting`)
    this.#guard(dyno, async () => {
      const leased = await instances.lease(dyno)
      if (leased === undefined || leased.retired) return
      await instances.start(leased, instances.specOf(leased))
      await this.#untilUp(leased)
    })
  }

  async #untilUp(dyno: DynoRecord): Promise<void> {
    const { store, instances, timeoutsInUse, random = Math.random } = this.#effects
    const abort = new AbortController()
    this.#booting.set(dyno.id, abort)
    const outcome = await untilUp(dyno, this.#effects, abort.signal)
    this.#booting.delete(dyno.id)
    const current = store.dynos.find(dyno.id)
    if (current?.state !== 'starting' || current.retired || outcome.kind === 'aborted') return
    if (outcome.kind === 'timeout') {
      this.#verdicts.set(dyno.id, await bootTimeout(dyno, this.#effects))
      return
    }
    const age = timeoutsInUse.cycleMs + random() * timeoutsInUse.cycleJitterMs
    const cycleAt = new Date(Date.parse(store.now()) + age).toISOString()
    store.dynos.update(dyno.id, { state: 'up', host: outcome.host, cycleAt })
    instances.say(dyno, 'State changed from starting to up')
    this.look()
  }

  /** A start that fails for reasons of ours counts as a crash, so that it is tried again. */
  #guard(dyno: DynoRecord, work: () => Promise<void>): void {
    void work().catch(async (error: unknown) => {
      const { store, instances, report } = this.#effects
      report(error)
      const current = store.dynos.find(dyno.id)
      if (current === undefined || this.#closed) return
      const why = error instanceof Problem ? `: ${error.message}` : ''
      instances.say(dyno, `Error R99 (Platform error) -> Failed to launch the dyno${why}`)
      this.#verdicts.set(dyno.id, 'Failed to launch')
      await this.ended(current, null).catch(report)
    })
  }

  #switch(serve: readonly string[], retire: readonly string[]): void {
    const { store, instances } = this.#effects
    const leaving = retire.flatMap((id) => store.dynos.find(id) ?? [])
    store.transaction(() => {
      for (const id of serve) store.dynos.update(id, { serving: true })
      for (const dyno of leaving) {
        if (hasProcess(dyno)) store.dynos.update(dyno.id, RETIRED)
        else store.dynos.remove(dyno.id)
      }
    })
    const staying = new Set(this.#dynos().map((dyno) => dyno.name))
    for (const dyno of leaving.filter(hasProcess)) {
      this.#booting.get(dyno.id)?.abort()
      if (!staying.has(dyno.name)) {
        instances.say(dyno, `State changed from ${dyno.state} to down`)
      }
    }
    const web = serve.length > 0 || leaving.some(({ type }) => type === 'web')
    void this.#retire(leaving.filter(hasProcess), web)
  }

  /** Takes dynos out of the router's table, lets their requests end, and stops them. */
  async #retire(dynos: readonly DynoRecord[], web: boolean): Promise<void> {
    const { drain, timeoutsInUse, report } = this.#effects
    try {
      if (web) await this.#route()
      const serving = dynos.filter((dyno) => dyno.serving).map((dyno) => dyno.id)
      if (serving.length > 0) await drain(serving, timeoutsInUse.drainMs)
      if (this.#abandoned) return
      await Promise.all(dynos.map(async (dyno) => await this.#end(dyno)))
    } catch (error) {
      report(error)
    }
    if (dynos.length > 0) this.look()
  }

  async #end(dyno: DynoRecord): Promise<void> {
    const { store, instances } = this.#effects
    const exit = await instances.stop(dyno)
    if (this.#abandoned) return
    await instances.bury(store.dynos.find(dyno.id) ?? dyno, exit)
    store.dynos.remove(dyno.id)
  }

  async #route(): Promise<void> {
    this.#switching++
    try {
      await this.#effects.route()
    } catch (error) {
      this.#effects.report(error)
    } finally {
      this.#switching--
    }
    this.look()
  }

  #answer(settled: boolean, slots: readonly Slot[]): void {
    if (this.#waiters.length === 0) return
    const dynos = this.#effects.store.dynos.list(this.#appId)
    const wanted = new Set(slots.map(({ releaseId }) => releaseId))
    const outcome = deployOutcome(dynos, wanted, settled && this.#switching === 0)
    if (outcome !== undefined) this.#tell(outcome)
  }

  #tell(outcome: DeployOutcome): void {
    for (const tell of this.#waiters.splice(0)) tell(outcome)
  }
}

const RETIRED = { retired: true, serving: false, state: 'stopping' } as const

const slotOf = ({ type, ordinal, command, size, releaseId }: DynoRecord): Slot => ({
  type,
  ordinal: ordinal ?? 0,
  command,
  size,
  releaseId,
})

/** States that the log names; a sleeping dyno counts as down there. */
const isShown = (state: DynoRecord['state']): boolean => state === 'up' || state === 'crashed'
