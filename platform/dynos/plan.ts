import type { DynoRecord } from '../store/index.ts'

/** A place of the formation as it should be filled. */
export type Slot = Readonly<{
  type: string
  ordinal: number
  command: string
  size: string
  releaseId: string
  releaseVersion: number
}>

/** What the plan needs to know of a dyno. */
export type PlannedDyno = Pick<
  DynoRecord,
  | 'id'
  | 'type'
  | 'ordinal'
  | 'command'
  | 'size'
  | 'releaseId'
  | 'state'
  | 'fresh'
  | 'retired'
  | 'serving'
  | 'restartAt'
>

export type Step =
  /** Start a dyno in a slot, `after` one that crashed if there is such. */
  | Readonly<{ do: 'start'; slot: Slot; after: string | null }>
  /** The router sends requests to `serve` and no longer to `retire`; those are drained and stopped. */
  | Readonly<{ do: 'switch'; serve: readonly string[]; retire: readonly string[] }>

export type Plan = Readonly<{
  steps: readonly Step[]
  /** All web dynos of the wanted version serve, and everything else was started. */
  settled: boolean
  /** When to look again though nothing happened: a crashed dyno's time comes. */
  wakeAt: string | null
}>

/**
 * What to do next so that an app's dynos become what its formation wants. Looks only at what is,
 * so it can be asked again at any time, also by a control plane that has just started.
 *
 * Web dynos of a new version start beside the old ones and take over together, when all of them
 * are up: until then the old ones serve. The other types are replaced after that.
 *
 * @param now ISO time
 */
export function planDynos(
  slots: readonly Slot[],
  dynos: readonly PlannedDyno[],
  now: string,
): Plan {
  const present = dynos.filter((dyno) => dyno.ordinal !== null && !dyno.retired)
  const web = planWeb(slots.filter(isWeb), present.filter(isWeb), now)
  const others = slots.filter((slot) => !isWeb(slot))
  const rest = web.open
    ? planOthers(
        others,
        present.filter((dyno) => !isWeb(dyno)),
        now,
      )
    : dropSurplus(
        others,
        present.filter((dyno) => !isWeb(dyno)),
      )
  const waiting = present.flatMap((dyno) =>
    dyno.state === 'crashed' ? (dyno.restartAt ?? []) : [],
  )
  return {
    steps: [...web.steps, ...rest.steps],
    settled: web.settled && rest.settled,
    wakeAt: waiting.filter((at) => at > now).toSorted()[0] ?? null,
  }
}

type Part = Readonly<{ steps: Step[]; settled: boolean }>

const isWeb = ({ type }: { type: string }): boolean => type === 'web'

function planWeb(
  slots: readonly Slot[],
  dynos: readonly PlannedDyno[],
  now: string,
): Part & { open: boolean } {
  const filled = slots.map((slot) => ({ slot, dyno: dynos.find((dyno) => fills(dyno, slot)) }))
  const current = new Set(filled.flatMap(({ dyno }) => dyno?.id ?? []))
  const old = dynos.filter((dyno) => !current.has(dyno.id))
  const ready = filled.every(({ dyno }) => dyno !== undefined && isReady(dyno))
  const protectedOnes = old.some((dyno) => dyno.serving)
  // With no old dyno to protect, each new dyno serves as soon as it can.
  const serve = filled.flatMap(({ dyno }) =>
    dyno?.state === 'up' && !dyno.serving && (ready || !protectedOnes) ? dyno.id : [],
  )
  const successors = filled.some(({ dyno }) => dyno?.serving === true) || serve.length > 0
  const retire = old
    .filter((dyno) => ready || !dyno.serving || (successors && isSurplus(dyno, slots)))
    .map((dyno) => dyno.id)
  const crashed = filled.some(({ dyno }) => dyno?.state === 'crashed')
  return {
    steps: [...starts(filled, now), ...switchTo(serve, retire)],
    settled: ready && serve.length === 0 && retire.length === 0,
    open: ready || (crashed && !protectedOnes),
  }
}

function planOthers(slots: readonly Slot[], dynos: readonly PlannedDyno[], now: string): Part {
  const filled = slots.map((slot) => ({ slot, dyno: dynos.find((dyno) => fills(dyno, slot)) }))
  const current = new Set(filled.flatMap(({ dyno }) => dyno?.id ?? []))
  const retire = dynos.filter((dyno) => !current.has(dyno.id)).map((dyno) => dyno.id)
  return {
    steps: [...starts(filled, now), ...switchTo([], retire)],
    settled: retire.length === 0 && filled.every(({ dyno }) => dyno !== undefined),
  }
}

/** While web dynos have not come up, the other types wait; only surplus dynos go. */
function dropSurplus(slots: readonly Slot[], dynos: readonly PlannedDyno[]): Part {
  const surplus = dynos.filter((dyno) => isSurplus(dyno, slots)).map((dyno) => dyno.id)
  return { steps: switchTo([], surplus), settled: false }
}

function starts(
  filled: readonly { slot: Slot; dyno: PlannedDyno | undefined }[],
  now: string,
): Step[] {
  return filled.flatMap(({ slot, dyno }): Step[] => {
    if (dyno === undefined) return [{ do: 'start', slot, after: null }]
    const due = dyno.state === 'crashed' && (dyno.restartAt ?? '') <= now
    return due ? [{ do: 'start', slot, after: dyno.id }] : []
  })
}

const switchTo = (serve: readonly string[], retire: readonly string[]): Step[] =>
  serve.length + retire.length === 0 ? [] : [{ do: 'switch', serve, retire }]

/** Whether a dyno is what its slot wants, in any state. */
const fills = (dyno: PlannedDyno, slot: Slot): boolean =>
  dyno.fresh &&
  dyno.type === slot.type &&
  dyno.ordinal === slot.ordinal &&
  dyno.releaseId === slot.releaseId &&
  dyno.command === slot.command &&
  dyno.size === slot.size

const isSurplus = (dyno: PlannedDyno, slots: readonly Slot[]): boolean =>
  !slots.some((slot) => slot.type === dyno.type && slot.ordinal === dyno.ordinal)

/** Stopped and sleeping dynos are as they should be. */
const isReady = ({ state }: PlannedDyno): boolean =>
  state === 'up' || state === 'idle' || state === 'down'
