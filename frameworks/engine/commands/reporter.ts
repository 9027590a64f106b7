import { createProgress, type Progress } from '@hokku/kit/command-line'
import type { Log } from '../log.ts'

export type Reporter = Readonly<{
  report: (what: string, done: number, total: number) => void
  /** Ends a bar that has not come to its end. */
  finish: () => void
}>

/** Shows how far work is: as a bar on a terminal, else as a log line now and then. */
export function reporter(log: Log): Reporter {
  let bar: { what: string; progress: Progress } | undefined
  let saidAtMs = performance.now()
  const finish = (): void => {
    bar?.progress.finish()
    bar = undefined
  }
  const report = (what: string, done: number, total: number): void => {
    if (bar?.what !== what) {
      finish()
      bar = { what, progress: createProgress(what, total) }
    }
    bar.progress.update(done)
    if (done === total) finish()
    if (performance.now() - saidAtMs < SAY_INTERVAL_MS) return
    saidAtMs = performance.now()
    log.info('Engine$', `${what} ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`)
  }
  return { report, finish }
}

const SAY_INTERVAL_MS = 5000
