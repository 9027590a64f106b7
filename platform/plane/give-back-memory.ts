import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Gives memory back to the system when the control plane rests: a build leaves tens of megabytes of
 * garbage, and V8 collects only when it needs room.
 */
export function giveBackMemory(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let usage = process.cpuUsage()
  let hasWorked = true
  const timer = setInterval(() => {
    const used = process.cpuUsage(usage)
    usage = process.cpuUsage()
    const isBusy = (used.user + used.system) / 1000 > INTERVAL_MS * BUSY_SHARE
    if (!isBusy && hasWorked) collect()
    hasWorked = isBusy
  }, INTERVAL_MS)
  timer.unref()
}

const INTERVAL_MS = 5000
/** Below one percent of a core the control plane only looks after its timers. */
const BUSY_SHARE = 0.01
