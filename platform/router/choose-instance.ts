/** What the choice depends on. */
export type Candidate = Readonly<{ inFlight: number; refusedUntil: number }>

/**
 * The better of two instances drawn at random: spreads load nearly as evenly as asking all, without
 * the herd that "least busy" sends to a new one. One that lately refused a connection is only
 * taken when all others have.
 *
 * @param random from 0 to below 1
 */
export function chooseInstance<Instance extends Candidate>(
  instances: readonly Instance[],
  nowMs: number,
  random: () => number,
): Instance | undefined {
  if (instances.length < 2) return instances[0]
  const willing = instances.filter(({ refusedUntil }) => refusedUntil <= nowMs)
  const field = willing.length === 0 ? instances : willing
  const first = field[Math.floor(random() * field.length)]
  const second = field[Math.floor(random() * field.length)]
  if (first === undefined || second === undefined) return first
  return second.inFlight < first.inFlight ? second : first
}
