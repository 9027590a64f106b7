/** Microseconds since the epoch. */
export type Clock = () => number

/** The system's time with the microseconds that `Date` lacks; follows when the clock is set. */
export function microsecondClock(): Clock {
  let offset = Date.now() - performance.now()
  return () => {
    const milliseconds = Date.now()
    if (Math.abs(performance.now() + offset - milliseconds) > DRIFT_MS_MAX) {
      offset = milliseconds - performance.now()
    }
    return Math.round((performance.now() + offset) * 1000)
  }
}

const DRIFT_MS_MAX = 2
