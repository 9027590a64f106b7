import { linesOf } from '../events/lines.ts'
import type { Line } from './answer-lines.ts'

/** The queries of a file, some lines at a time; blank lines are left out. */
export async function* queryLines(path: string): AsyncGenerator<Line[], void, undefined> {
  let lines: Line[] = []
  let number = 0
  for await (const texts of linesOf(path)) {
    for (const text of texts) {
      number += 1
      if (text.trim() !== '') lines.push({ number, text })
      if (lines.length < LINES_TOGETHER) continue
      yield lines
      lines = []
    }
  }
  if (lines.length > 0) yield lines
}

/** Lines that travel together: to a thread, and into one part of the output. */
const LINES_TOGETHER = 64
