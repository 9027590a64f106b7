/**
 * How long to wait before starting a process again that has just ended.
 *
 * @param quickEnds how often in a row it ended before it had run for `STEADY_MS`
 */
export const restartDelayMs = (quickEnds: number): number =>
  quickEnds === 0 ? 0 : Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** (quickEnds - 1))

/** A process that has run this long counts as well again. */
export const STEADY_MS = 10_000

const FIRST_DELAY_MS = 250
const DELAY_MS_MAX = 30_000
