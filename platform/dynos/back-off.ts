/**
 * How long a dyno that crashed waits for its next start. The first crash restarts at once; then
 * the delay doubles up to 20 minutes and never gives up.
 *
 * @param crashes in a row, this one included
 * @param random from 0 to 1: dynos that fell together must not start together
 */
export function restartDelayMs(crashes: number, random: number): number {
  if (crashes <= 1) return 0
  const delay = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** (crashes - 2))
  return Math.round(delay * (1 + JITTER * (2 * random - 1)))
}

const FIRST_DELAY_MS = 5000
const DELAY_MS_MAX = 20 * 60_000
/** Share of the delay by which it may be shorter or longer. */
const JITTER = 0.2

/** Crashes in a row when a dyno falls that had been up for `upMs`. */
export const countCrash = (before: number, upMs: number): number =>
  upMs >= STABLE_MS ? 1 : before + 1

/** Up for so long, a dyno counts as healthy, and its next crash as its first. */
const STABLE_MS = 10 * 60_000
