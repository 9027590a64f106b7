import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from './connection.ts'
import { isKept, participate, REQUESTS, savesOf, type Ask, type Visit } from './robot.ts'

export type Load = Readonly<{
  participants: number
  /** Participants that are under way at the same time. */
  atOnce: number
  /** Mean time that a participant takes between two requests; 0: the next one follows at once. */
  thinkMs: number
  /** Number of the first robot: they must be new to the study. */
  first: number
}>

export type Result = Load &
  Readonly<{
    perSecond: number
    p50Ms: number
    p99Ms: number
    errors: number
    firstError: string | undefined
    lostSaves: number
    /** Difference between the fullest and the emptiest condition. */
    spread: number
  }>

/** Sends robots through a study, then checks what was kept. */
export async function load(base: URL, options: Load): Promise<Result> {
  const { participants, atOnce, first } = options
  const latencies = new Float64Array(participants * REQUESTS)
  const visits: Visit[] = []
  const errors: string[] = []
  let measured = 0
  const lanes = Array.from({ length: atOnce }, () => new Connection(base))
  const asking =
    (lane: Connection): Ask =>
    async (method, path, body, type) => {
      const startedAt = performance.now()
      const answer = await lane.ask(method, path, body, type)
      latencies[measured++] = performance.now() - startedAt
      if (!isFine(answer.status, answer.text)) {
        errors.push(
          `${method} ${path.split('?')[0] ?? ''}: ${answer.status} ${answer.text.slice(0, 80)}`,
        )
      }
      return answer
    }
  const pause = pauses(options.thinkMs)
  const saves = Array.from({ length: participants }, (_, i) => savesOf(first + i))
  let next = 0
  const startedAt = performance.now()
  await Promise.all(
    lanes.map(async (lane, i) => {
      // They do not all come in the same moment.
      if (options.thinkMs > 0) await sleep((i / atOnce) * options.thinkMs * PAUSES)
      const ask = asking(lane)
      while (next < participants) {
        const i = next++
        // oxlint-disable-next-line no-await-in-loop -- each lane is one participant after the other
        visits.push(await participate(ask, first + i, saves[i] ?? [], pause))
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const lost = await countLost(lanes, first, participants)
  for (const lane of lanes) lane.close()
  const sorted = latencies.subarray(0, measured).toSorted()
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
  return {
    ...options,
    perSecond: participants / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors: errors.length,
    firstError: errors[0],
    lostSaves: lost,
    spread: spreadOf(visits),
  }
}

const isFine = (status: number, text: string): boolean =>
  status === 200 && !/<b>Error<\/b>|bad request|database error/.test(text)

/** Times at which a participant looks at a page or does trials. */
const PAUSES = 7

/** Between half and one and a half times the mean. */
const pauses = (thinkMs: number) => async (): Promise<void> => {
  if (thinkMs > 0) await sleep(thinkMs * (0.5 + Math.random()))
}

async function countLost(
  lanes: readonly Connection[],
  first: number,
  participants: number,
): Promise<number> {
  let next = 0
  let lost = 0
  await Promise.all(
    lanes.slice(0, CHECKS_AT_ONCE).map(async (lane) => {
      const ask: Ask = (method, path) => lane.ask(method, path)
      while (next < participants) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other on a connection
        if (!(await isKept(ask, first + next++))) lost += 1
      }
    }),
  )
  return lost
}

const CHECKS_AT_ONCE = 20

function spreadOf(visits: readonly Visit[]): number {
  const counts = Map.groupBy(visits, (visit) => visit.condition ?? 'none')
  const sizes = [...counts.values()].map((group) => group.length)
  return Math.max(...sizes) - Math.min(...sizes)
}
