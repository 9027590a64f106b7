import { createInterface } from 'node:readline'

/** A conversation by lines, with a person or with a file. */
export type Terminal = Readonly<{
  /** The next line; undefined at the end of the input. */
  ask: (question: string) => Promise<string | undefined>
  close: () => void
}>

/**
 * @param history earlier lines, oldest first
 * @param complete how a line that was begun may continue, for the Tab key
 */
export function openTerminal(
  history: readonly string[],
  complete: (line: string) => Promise<string[]>,
): Terminal {
  const lines: string[] = []
  let waiting: ((line: string | undefined) => void) | undefined
  let isClosed = false
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY,
    history: history.toReversed(),
    completer: (line: string, done: (error: null, result: [string[], string]) => void): void =>
      void complete(line).then((lines) => done(null, [lines, line])),
  })
  // Lines of a file arrive faster than they are asked for, and none may be lost.
  reader.on('line', (line) => {
    if (waiting === undefined) lines.push(line)
    else answer(line)
  })
  reader.on('close', () => {
    isClosed = true
    answer(undefined)
  })
  function answer(line: string | undefined): void {
    const resolve = waiting
    waiting = undefined
    resolve?.(line)
  }
  return {
    ask: (question) => {
      reader.setPrompt(question)
      if (isClosed && lines.length === 0) return Promise.resolve(undefined)
      if (isClosed) process.stdout.write(question)
      else reader.prompt()
      if (lines.length > 0) return Promise.resolve(lines.shift())
      return new Promise((resolve) => {
        waiting = resolve
      })
    },
    close: () => reader.close(),
  }
}
