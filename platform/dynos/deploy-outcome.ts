import type { DynoRecord } from '../store/index.ts'
import type { DeployOutcome } from './contract.ts'

/**
 * How a deploy has ended as far as its dynos tell; undefined while it has not.
 *
 * @param releaseIds releases that the formation wants to run: one, or none without code
 * @param settled the plan has nothing left to do, and the router knows
 */
export function deployOutcome(
  dynos: readonly DynoRecord[],
  releaseIds: ReadonlySet<string>,
  settled: boolean,
): DeployOutcome | undefined {
  if (settled) return { status: 'running' }
  const fallen = dynos.find(
    (dyno) => dyno.type === 'web' && releaseIds.has(dyno.releaseId) && hasFallen(dyno),
  )
  if (fallen === undefined) return undefined
  const serving = dynos.find((dyno) => dyno.serving && !releaseIds.has(dyno.releaseId))
  return {
    status: 'unhealthy',
    reason: `${fallen.name}: ${fallen.stateReason ?? 'crashed'}`,
    stillServing: serving?.releaseVersion ?? null,
  }
}

/** The first crash may be bad luck and is tried again at once; a boot timeout is long enough. */
const hasFallen = (dyno: DynoRecord): boolean =>
  dyno.state === 'crashed' && (dyno.crashes > 1 || (dyno.stateReason ?? '').startsWith('Error R10'))
