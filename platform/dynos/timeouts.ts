/** Everything that waits, in milliseconds; tests shorten it. */
export type Timeouts = Readonly<{
  /** A web process has so long to accept connections (R10). */
  bootMs: number
  /** Between SIGTERM and SIGKILL (R12). */
  stopMs: number
  /** Requests in flight have so long to end before a web dyno is asked to stop. */
  drainMs: number
  /** An attached one-off waits so long for its client (R13). */
  attachMs: number
  /** After its client left, a program has so long to end by itself (R16). */
  hangUpMs: number
  /** A dyno is replaced after so long, plus up to `cycleJitterMs`. */
  cycleMs: number
  cycleJitterMs: number
  /** How often memory is looked at (R14). */
  sampleMs: number
  /** How often the free space of the disk is looked at (R30). */
  diskMs: number
  /** How long the end of a one-off is remembered. */
  rememberMs: number
}>

/** As on Heroku, where it says. */
export const TIMEOUTS: Timeouts = {
  bootMs: 60_000,
  stopMs: 30_000,
  drainMs: 30_000,
  attachMs: 30_000,
  hangUpMs: 10_000,
  cycleMs: 24 * 60 * 60_000,
  cycleJitterMs: 216 * 60_000,
  sampleMs: 20_000,
  diskMs: 2000,
  rememberMs: 60 * 60_000,
}
