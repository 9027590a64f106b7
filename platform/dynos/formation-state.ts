import type { DynoChange, DynoRecord, NewDyno } from '../store/index.ts'
import { countCrash, restartDelayMs } from './back-off.ts'
import { NEW_DYNO } from './new-dyno.ts'
import { planDynos, type Slot } from './plan.ts'
import { hasProcess } from './routed.ts'

/** The dynos of an app's formation as they are, and the slots as they should be filled. */
export type FormationState = Readonly<{
  appId: string
  slots: readonly Slot[]
  /** In the order of their starts; one-offs are left out. */
  dynos: readonly DynoRecord[]
  /** ISO time. */
  now: string
}>

export type FormationEvent =
  /** A deploy, a scaling, a timer: something may be missing. */
  | Readonly<{ kind: 'changed' }>
  /** A dyno is up; a web process accepts connections at `host`. */
  | Readonly<{ kind: 'up'; id: string; host: string | null; cycleAt: string }>
  /** A dyno has ended by itself, or was killed for `reason`. */
  | Readonly<{ kind: 'ended'; id: string; reason: string }>
  /** Dynos are replaced by the same swap as in a deploy. Resets the back-off. */
  | Readonly<{ kind: 'restart'; ids: readonly string[]; why: 'Restarting' | 'Cycling' }>
  /** Dynos go down and leave their slots filled: stopped, or asleep until a request. */
  | Readonly<{ kind: 'park'; ids: readonly string[]; as: 'down' | 'idle' }>
  /** A request came for an app that sleeps. */
  | Readonly<{ kind: 'wake' }>

/** A change of the records. All of a reaction are made in one transaction. */
export type RecordChange =
  | Readonly<{ do: 'create'; dyno: NewDyno }>
  | Readonly<{ do: 'update'; id: string; change: DynoChange }>
  | Readonly<{ do: 'remove'; id: string }>

/** What is to be done once the records are changed, in this order. */
export type Step =
  /** A line of the app's log. */
  | Readonly<{ do: 'say'; name: string; message: string }>
  /** Lease a port, start the process, and wait until it is up. */
  | Readonly<{ do: 'boot'; id: string }>
  /**
   * Tell the router if its table changes, then drain those of `retired` that served requests, and
   * stop all of them.
   */
  | Readonly<{
      do: 'swap'
      retired: readonly string[]
      served: readonly string[]
      isRouted: boolean
    }>
  /** Tell the router that a dyno is gone. */
  | Readonly<{ do: 'route' }>

export type Reaction = Readonly<{
  changes: readonly RecordChange[]
  steps: readonly Step[]
  /** Everything is as it should be, as soon as the steps are done. */
  isSettled: boolean
  /** When to look again though nothing happened: a crashed dyno's time comes. */
  wakeAt: string | null
}>

/** What is not decided by the state. */
export type Chance = Readonly<{
  newId: () => string
  /** From 0 to 1. */
  random: () => number
}>

/**
 * What follows from an event, as data. Looks only at what is, so it can be asked again at any time,
 * also by a control plane that has just started.
 */
export function react(state: FormationState, event: FormationEvent, chance: Chance): Reaction {
  const draft = new Draft(state, chance)
  REACTIONS[event.kind](draft, event as never)
  return draft.reconcile()
}

type EventOf<Kind extends FormationEvent['kind']> = Extract<FormationEvent, { kind: Kind }>

const REACTIONS: {
  [Kind in FormationEvent['kind']]: (draft: Draft, event: EventOf<Kind>) => void
} = {
  changed: () => {},
  up(draft, { id, host, cycleAt }) {
    const dyno = draft.find(id)
    if (dyno?.state !== 'starting' || dyno.retired) return
    draft.update(dyno, { state: 'up', host, cycleAt })
    draft.say(dyno, 'State changed from starting to up')
  },
  ended(draft, { id, reason }) {
    const dyno = draft.find(id)
    if (dyno !== undefined) draft.crash(dyno, reason)
  },
  restart(draft, { ids, why }) {
    for (const dyno of draft.present().filter((one) => ids.includes(one.id))) {
      draft.say(dyno, why)
      draft.update(dyno, { fresh: false })
    }
  },
  park(draft, { ids, as }) {
    const dynos = draft.present().filter((one) => ids.includes(one.id) && one.state !== as)
    for (const dyno of dynos) draft.park(dyno, as)
    draft.swap(
      [],
      dynos.map(({ id }) => id),
    )
  },
  wake(draft) {
    for (const dyno of draft.present().filter(({ state }) => state === 'idle')) {
      draft.say(dyno, 'Unidling')
      draft.start(slotOf(dyno), dyno)
    }
  },
}

/** A state on its way to the next one, with all that was changed and is to be done. */
class Draft {
  readonly #state: FormationState
  readonly #chance: Chance
  readonly #changes: RecordChange[] = []
  readonly #steps: Step[] = []
  #dynos: readonly DynoRecord[]

  constructor(state: FormationState, chance: Chance) {
    this.#state = state
    this.#chance = chance
    this.#dynos = state.dynos
  }

  find(id: string): DynoRecord | undefined {
    return this.#dynos.find((dyno) => dyno.id === id)
  }

  /** Dynos that fill a slot, or will. */
  present(): DynoRecord[] {
    return this.#dynos.filter(({ retired, fresh }) => !retired && fresh)
  }

  say(dyno: Pick<DynoRecord, 'name'>, message: string): void {
    this.#steps.push({ do: 'say', name: dyno.name, message })
  }

  update(dyno: DynoRecord, change: DynoChange): void {
    this.#changes.push({ do: 'update', id: dyno.id, change })
    this.#dynos = this.#dynos.map((one) => (one.id === dyno.id ? { ...one, ...change } : one))
  }

  /** Brings the dynos in line with the slots, as far as that can be done now. */
  reconcile(): Reaction {
    const { slots, now } = this.#state
    const plan = planDynos(slots, this.#dynos, now)
    for (const step of plan.steps) {
      if (step.do === 'switch') this.swap(step.serve, step.retire)
      else this.start(step.slot, step.after === null ? undefined : this.find(step.after))
    }
    const reaction = { changes: this.#changes, steps: this.#steps }
    return { ...reaction, isSettled: plan.settled, wakeAt: plan.wakeAt }
  }

  /** Fills a slot with a new dyno; `after` is the one that crashed or slept there. */
  start(slot: Slot, after: DynoRecord | undefined): void {
    const name = `${slot.type}.${slot.ordinal}`
    const last = this.#dynos.findLast((dyno) => dyno.name === name)
    if (after !== undefined) this.#remove(after)
    const { releaseVersion, ...rest } = slot
    const dyno: NewDyno = {
      ...NEW_DYNO,
      ...rest,
      id: this.#chance.newId(),
      appId: this.#state.appId,
      name,
      releaseVersion,
      crashes: after?.crashes ?? 0,
    }
    this.#create(dyno)
    const before = last === undefined || !isShown(last.state) ? 'down' : last.state
    this.say(dyno, `State changed from ${before} to starting`)
    this.#steps.push({ do: 'boot', id: dyno.id })
  }

  /** Lets the router send requests to `serve`, and takes `retire` out of the formation. */
  swap(serve: readonly string[], retire: readonly string[]): void {
    const leaving = retire.flatMap((id) => this.find(id) ?? [])
    for (const id of serve) {
      const dyno = this.find(id)
      if (dyno !== undefined) this.update(dyno, { serving: true })
    }
    for (const dyno of leaving) {
      if (hasProcess(dyno)) this.update(dyno, RETIRED)
      else this.#remove(dyno)
    }
    const staying = new Set(this.present().map((dyno) => dyno.name))
    const running = leaving.filter(hasProcess)
    for (const dyno of running.filter(({ name }) => !staying.has(name))) {
      this.say(dyno, `State changed from ${dyno.state} to down`)
    }
    const isRouted = serve.length > 0 || leaving.some(({ type }) => type === 'web')
    const served = running.filter(({ serving }) => serving).map(({ id }) => id)
    this.#steps.push({ do: 'swap', retired: running.map(({ id }) => id), served, isRouted })
  }

  crash(dyno: DynoRecord, reason: string): void {
    if (dyno.retired) return this.#remove(dyno)
    const now = Date.parse(this.#state.now)
    const upMs = dyno.state === 'up' ? now - Date.parse(dyno.stateSince) : 0
    const crashes = countCrash(dyno.crashes, upMs)
    const delayMs = restartDelayMs(crashes, this.#chance.random())
    this.say(dyno, `State changed from ${dyno.state} to crashed`)
    this.update(dyno, {
      state: 'crashed',
      stateReason: reason,
      serving: false,
      port: null,
      crashes,
      restartAt: new Date(now + delayMs).toISOString(),
    })
    if (dyno.serving) this.#steps.push({ do: 'route' })
  }

  /** Leaves a record without a process in the slot of a dyno. */
  park(dyno: DynoRecord, as: 'down' | 'idle'): void {
    if (as === 'idle') this.say(dyno, 'Idling')
    this.say(dyno, `State changed from ${dyno.state} to down`)
    this.#create({ ...dyno, ...PARKED, id: this.#chance.newId(), state: as, serving: false })
  }

  #create(dyno: NewDyno): void {
    const { now } = this.#state
    this.#changes.push({ do: 'create', dyno })
    const record = { ...dyno, stateSince: now, createdAt: now, updatedAt: now }
    this.#dynos = [...this.#dynos, record]
  }

  #remove({ id }: DynoRecord): void {
    this.#changes.push({ do: 'remove', id })
    this.#dynos = this.#dynos.filter((dyno) => dyno.id !== id)
  }
}

export const RETIRED = { retired: true, serving: false, state: 'stopping' } as const

const PARKED = { host: null, port: null, cycleAt: null, restartAt: null, stateReason: null }

const slotOf = (dyno: DynoRecord): Slot => ({
  type: dyno.type,
  ordinal: dyno.ordinal ?? 0,
  command: dyno.command,
  size: dyno.size,
  releaseId: dyno.releaseId,
  releaseVersion: dyno.releaseVersion,
})

/** States that the log names; a sleeping dyno counts as down there. */
const isShown = (state: DynoRecord['state']): boolean => state === 'up' || state === 'crashed'
