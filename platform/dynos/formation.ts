import { randomUUID } from 'node:crypto'
import { Problem } from '@hokku/kit/problem'
import type { DynoRecord, Release } from '../store/index.ts'
import { bootTimeout, untilUp } from './boot.ts'
import type { DeployOutcome, ExitStatus } from './contract.ts'
import { deployOutcome } from './deploy-outcome.ts'
import type { DynosEffects } from './effects.ts'
import {
  react,
  RETIRED,
  type FormationEvent,
  type FormationState,
  type RecordChange,
  type Step,
} from './formation-state.ts'
import { reasonOf, type Instances } from './instances.ts'
import { hasProcess } from './routed.ts'
import type { Timeouts } from './timeouts.ts'
import { wantedSlots } from './wanted-slots.ts'

export type FormationEffects = DynosEffects &
  Readonly<{ instances: Instances; timeoutsInUse: Timeouts; report: (error: unknown) => void }>

type Swap = Pick<Extract<Step, { do: 'swap' }>, 'retired' | 'served' | 'isRouted'>

/**
 * The dynos of one app's formation. Each event - a deploy, a crash, a timer - is given to `react`,
 * which says from the records alone what to change and what to do; here that is done.
 *
 * A deploy is: boot the new web dynos, wait until all are up, swap (tell the router, drain the old
 * ones, stop them), then the same for the other types. If a new web dyno does not come up, the old
 * ones serve on.
 */
export class AppFormation {
  readonly #appId: string
  readonly #effects: FormationEffects
  readonly #booting = new Map<string, AbortController>()
  /** Why a dyno is about to be killed by the platform, e.g. R10. */
  readonly #verdicts = new Map<string, string>()
  #target: Release | undefined
  #waiters: ((outcome: DeployOutcome) => void)[] = []
  /** Tables on their way to the router. */
  #routing = 0
  #timer: NodeJS.Timeout | undefined
  /** No new starts: the app or the platform is being stopped. */
  #isClosed = false
  /** The control plane lets go; another one may be at work already. */
  #isAbandoned = false

  constructor(appId: string, effects: FormationEffects) {
    this.#appId = appId
    this.#effects = effects
  }

  /** Swaps to `release`; an earlier deploy that still waits is superseded. */
  async deploy(release: Release): Promise<DeployOutcome> {
    this.#answer({ status: 'superseded' })
    this.#target = release
    const { promise, resolve } = Promise.withResolvers<DeployOutcome>()
    this.#waiters.push(resolve)
    this.reconcile()
    return await promise
  }

  /** Compares what is with what should be, and starts what is missing between them. */
  reconcile(): void {
    this.#happened({ kind: 'changed' })
  }

  restart(matches: (dyno: DynoRecord) => boolean, why: 'Restarting' | 'Cycling'): void {
    this.#happened({ kind: 'restart', ids: this.#idsOf(matches), why })
  }

  park(matches: (dyno: DynoRecord) => boolean, as: 'down' | 'idle'): void {
    this.#happened({ kind: 'park', ids: this.#idsOf(matches), as })
  }

  wake(): void {
    this.#happened({ kind: 'wake' })
  }

  /** An instance of the formation has ended, by itself or because the platform ended it. */
  async ended(dyno: DynoRecord, exit: ExitStatus | null): Promise<void> {
    this.#booting.get(dyno.id)?.abort()
    // `#stop` waits for the end of what is being stopped, and clears it away.
    if (dyno.retired || this.#isClosed) return
    await this.#effects.instances.clear(dyno, exit)
    const reason = this.#verdicts.get(dyno.id) ?? reasonOf(exit)
    this.#verdicts.delete(dyno.id)
    this.#happened({ kind: 'ended', id: dyno.id, reason })
  }

  /** Continues with a dyno that an earlier control plane left running. */
  resume(dyno: DynoRecord): void {
    if (dyno.state === 'starting') this.#guard(dyno, () => this.#untilUp(dyno))
  }

  /** Drains and stops the dynos that an earlier control plane was replacing; starts what is missing. */
  resumeStops(): void {
    const ids = this.#idsOf((dyno) => dyno.retired && hasProcess(dyno))
    if (ids.length > 0) void this.#swap({ retired: ids, served: ids, isRouted: false })
    this.reconcile()
  }

  /** Stops all that runs; stopped and sleeping dynos stay what they are. */
  async stopAll(): Promise<void> {
    this.#quiesce()
    const { store } = this.#effects
    const dynos = this.#state().dynos
    for (const { id } of dynos.filter(({ state }) => state === 'crashed')) store.dynos.remove(id)
    const running = dynos.filter(hasProcess)
    for (const { id } of running) store.dynos.update(id, RETIRED)
    await Promise.all(running.map(async (dyno) => await this.#stop(dyno)))
  }

  /** Lets go without stopping anything. */
  close(): void {
    this.#isAbandoned = true
    this.#quiesce()
  }

  #quiesce(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const boot of this.#booting.values()) boot.abort()
    this.#answer({ status: 'superseded' })
  }

  #state(): FormationState {
    const { store } = this.#effects
    const release = this.#target ?? store.releases.current(this.#appId)
    return {
      appId: this.#appId,
      slots: wantedSlots(store, this.#appId, release),
      dynos: store.dynos.list(this.#appId).filter(({ ordinal }) => ordinal !== null),
      now: store.now(),
    }
  }

  #idsOf(matches: (dyno: DynoRecord) => boolean): string[] {
    const { dynos } = this.#state()
    return dynos.filter((dyno) => matches(dyno)).map(({ id }) => id)
  }

  #happened(event: FormationEvent): void {
    const { store, random = Math.random } = this.#effects
    if (this.#isClosed || store.apps.find(this.#appId) === undefined) return
    const state = this.#state()
    const reaction = react(state, event, { newId: randomUUID, random })
    store.transaction(() => reaction.changes.forEach((change) => this.#change(change)))
    for (const step of reaction.steps) this.#take(step)
    this.#lookAgainAt(reaction.wakeAt, state.now)
    this.#answerIfOver(reaction.isSettled)
  }

  #change(change: RecordChange): void {
    const { dynos } = this.#effects.store
    if (change.do === 'create') dynos.create(change.dyno)
    else if (change.do === 'update') dynos.update(change.id, change.change)
    else dynos.remove(change.id)
  }

  #take(step: Step): void {
    const { store, instances } = this.#effects
    if (step.do === 'say')
      return instances.say({ appId: this.#appId, name: step.name }, step.message)
    if (step.do === 'route') return void this.#route()
    if (step.do === 'boot') return this.#boot(store.dynos.get(step.id))
    void this.#swap(step)
  }

  #lookAgainAt(at: string | null, now: string): void {
    clearTimeout(this.#timer)
    if (at === null) return
    const waitMs = Math.max(0, Date.parse(at) - Date.parse(now))
    this.#timer = setTimeout(() => this.reconcile(), waitMs).unref()
  }

  #boot(dyno: DynoRecord): void {
    const { instances } = this.#effects
    this.#guard(dyno, async () => {
      const leased = await instances.lease(dyno)
      if (leased === undefined || leased.retired) return
      await instances.start(leased, instances.specOf(leased))
      await this.#untilUp(leased)
    })
  }

  async #untilUp(dyno: DynoRecord): Promise<void> {
    const { store, timeoutsInUse, random = Math.random } = this.#effects
    const abort = new AbortController()
    this.#booting.set(dyno.id, abort)
    const outcome = await untilUp(dyno, this.#effects, abort.signal)
    this.#booting.delete(dyno.id)
    if (this.#isAbandoned) return
    const current = store.dynos.find(dyno.id)
    if (current?.state !== 'starting' || current.retired || outcome.kind === 'aborted') return
    if (outcome.kind === 'timeout') {
      this.#verdicts.set(dyno.id, await bootTimeout(dyno, this.#effects))
      return
    }
    const ageMs = timeoutsInUse.cycleMs + random() * timeoutsInUse.cycleJitterMs
    const cycleAt = new Date(Date.parse(store.now()) + ageMs).toISOString()
    this.#happened({ kind: 'up', id: dyno.id, host: outcome.host, cycleAt })
  }

  /** A start that the platform fails counts as a crash, so that it is tried again. */
  #guard(dyno: DynoRecord, work: () => Promise<void>): void {
    void work().catch(async (error: unknown) => {
      const { store, instances, report } = this.#effects
      // Another control plane starts it again.
      if (this.#isAbandoned) return
      report(error)
      const current = store.dynos.find(dyno.id)
      if (current === undefined || this.#isClosed) return
      const why = error instanceof Problem ? `: ${error.message}` : ''
      instances.say(dyno, `Error R99 (Platform error) -> Failed to launch the dyno${why}`)
      this.#verdicts.set(dyno.id, 'Failed to launch')
      await this.ended(current, null).catch(report)
    })
  }

  /** Takes dynos out of the router's table, lets their requests end, and stops them. */
  async #swap({ retired, served, isRouted }: Swap): Promise<void> {
    const { store, drain, timeoutsInUse, report } = this.#effects
    for (const id of retired) this.#booting.get(id)?.abort()
    try {
      if (isRouted) await this.#route()
      if (served.length > 0) await drain(served, timeoutsInUse.drainMs)
      if (this.#isAbandoned) return
      const dynos = retired.flatMap((id) => store.dynos.find(id) ?? [])
      await Promise.all(dynos.map(async (dyno) => await this.#stop(dyno)))
    } catch (error) {
      if (!this.#isAbandoned) report(error)
    }
    if (retired.length > 0) this.reconcile()
  }

  async #stop(dyno: DynoRecord): Promise<void> {
    const { store, instances } = this.#effects
    const exit = await instances.stop(dyno)
    if (this.#isAbandoned) return
    await instances.clear(store.dynos.find(dyno.id) ?? dyno, exit)
    store.dynos.remove(dyno.id)
  }

  async #route(): Promise<void> {
    this.#routing++
    try {
      await this.#effects.route()
    } catch (error) {
      this.#effects.report(error)
    } finally {
      this.#routing--
    }
    this.reconcile()
  }

  #answerIfOver(isSettled: boolean): void {
    if (this.#waiters.length === 0) return
    const { slots, dynos } = this.#state()
    const wanted = new Set(slots.map(({ releaseId }) => releaseId))
    const outcome = deployOutcome(dynos, wanted, isSettled && this.#routing === 0)
    if (outcome !== undefined) this.#answer(outcome)
  }

  #answer(outcome: DeployOutcome): void {
    for (const answer of this.#waiters.splice(0)) answer(outcome)
  }
}
