export type Progress = Readonly<{
  /** Sets how much is done; draws at most every 100 ms. */
  update: (done: number) => void
  /** Draws the final state and ends the line. */
  finish: () => void
}>

/**
 * A progress bar on standard error, with rate and time left. Draws nothing where standard error is
 * no terminal, so that logs and pipes stay clean.
 *
 * @param total how many units there are in all; undefined if unknown: then a plain counter
 */
export function createProgress(
  label: string,
  total: number | undefined,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  if (!stream.isTTY) return { update: () => {}, finish: () => {} }
  const startedAt = performance.now()
  let done = 0
  let drawnAt = -Infinity
  const draw = (): void => {
    drawnAt = performance.now()
    const line = progressLine(label, done, total, drawnAt - startedAt)
    stream.write(`\r${line.slice(0, stream.columns)}\u001B[K`)
  }
  return {
    update: (now) => {
      done = now
      if (performance.now() - drawnAt >= DRAW_INTERVAL_MS) draw()
    },
    finish: () => {
      draw()
      stream.write('\n')
    },
  }
}

const DRAW_INTERVAL_MS = 100
const BAR_WIDTH = 30

/** One line of progress, e.g. `Importing [######    ]  60%  120,000/200,000  41,000/s  2 s left`. */
export function progressLine(
  label: string,
  done: number,
  total: number | undefined,
  elapsedMs: number,
): string {
  const perSecond = elapsedMs > 0 ? Math.round((done / elapsedMs) * 1000) : 0
  const rate = `${perSecond.toLocaleString('en')}/s`
  if (total === undefined) return `${label}  ${done.toLocaleString('en')}  ${rate}`
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH)
  const percent = `${Math.floor(share * 100)}%`.padStart(4)
  const left = perSecond > 0 ? `${Math.ceil((total - done) / perSecond)} s left` : ''
  const count = `${done.toLocaleString('en')}/${total.toLocaleString('en')}`
  return [`${label} [${bar}] ${percent}`, count, rate, left].filter(Boolean).join('  ')
}
