import { createProgress, type Progress } from '@hokku/kit/command-line'
import type { Log } from '../log.ts'

/** Shows how far work is: as a bar on a terminal, else as a log line now and then. */
export function reporter(log: Log): (what: string, done: number, total: number) => void {
  let bar: { what: string; progress: Progress } | undefined
  let saidAtMs = performance.now()
  return (what, done, total) => {
    if (bar?.what !== what) bar = { what, progress: createProgress(what, total) }
    bar.progress.update(done)
    if (done === total) {
      bar.progress.finish()
      bar = undefined
    }
    if (performance.now() - saidAtMs < SAY_INTERVAL_MS) return
    saidAtMs = performance.now()
    log.info('Engine$', `${what} ${done} of ${total}`)
  }
}

const SAY_INTERVAL_MS = 5000
