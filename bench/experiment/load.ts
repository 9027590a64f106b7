import { Agent } from 'node:http'
import { isKept, participate, type Visit } from './robot.ts'

export type Result = Readonly<{
  participants: number
  atOnce: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  errors: number
  firstError: string | undefined
  lostSaves: number
  /** Difference between the fullest and the emptiest condition. */
  spread: number
}>

/**
 * Sends `participants` robots through a study, `atOnce` at a time, then checks what was kept.
 *
 * @param first number of the first robot: they must be new to the study
 */
export async function load(
  base: URL,
  participants: number,
  atOnce: number,
  first = 0,
): Promise<Result> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const visits: Visit[] = []
  let next = 0
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      // oxlint-disable-next-line no-await-in-loop -- each lane is one participant after the other
      while (next < participants) visits.push(await participate(base, agent, first + next++))
    }),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const kept = await Promise.all(visits.map((visit) => isKept(base, agent, visit.uniqueId)))
  agent.destroy()
  const latencies = Float64Array.from(visits.flatMap((visit) => visit.latenciesMs)).toSorted()
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? 0
  const errors = visits.flatMap((visit) => visit.errors)
  return {
    participants,
    atOnce,
    perSecond: participants / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors: errors.length,
    firstError: errors[0],
    lostSaves: kept.filter((isHere) => !isHere).length,
    spread: spreadOf(visits),
  }
}

function spreadOf(visits: readonly Visit[]): number {
  const counts = Map.groupBy(visits, (visit) => visit.condition ?? 'none')
  const sizes = [...counts.values()].map((group) => group.length)
  return Math.max(...sizes) - Math.min(...sizes)
}
