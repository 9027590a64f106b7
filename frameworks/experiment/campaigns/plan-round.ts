/** Where a campaign stands when a round begins. */
export type Standing = Readonly<{
  goal: number
  completed: number
  /** Places of this study's HITs that no one has taken. */
  available: number
  /** Places that someone works on. */
  pending: number
  assignmentsPerRound: number
}>

export type Round = Readonly<{ do: 'end' }> | Readonly<{ do: 'post'; hits: readonly number[] }>

/**
 * What a round of a campaign does: end it when the goal is reached, else post HITs for what is still
 * missing, none with ten or more places, since those cost double the fee.
 */
export function planRound(standing: Standing): Round {
  const { goal, completed, available, pending, assignmentsPerRound } = standing
  if (completed >= goal) return { do: 'end' }
  const missing = Math.min(goal - completed - available - pending, assignmentsPerRound)
  return { do: 'post', hits: splitHits(Math.max(0, missing)) }
}

function splitHits(places: number): number[] {
  const whole = Array.from({ length: Math.floor(places / HIT_PLACES_MAX) }, () => HIT_PLACES_MAX)
  const rest = places % HIT_PLACES_MAX
  return rest > 0 ? [...whole, rest] : whole
}

const HIT_PLACES_MAX = 9
