import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline/promises'
import { runCommand } from './commands.ts'
import { printProblem } from './print-problem.ts'
import { serverState } from './server-process.ts'
import type { Session } from './session.ts'
import { splitWords } from './words.ts'

/** The interactive shell: reads commands until `quit`, and goes on after one that failed. */
export async function runShell(
  start: (terminal: Interface) => Session,
  countHits: (session: Session) => Promise<number | undefined>,
): Promise<number> {
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY,
  })
  const session = start(terminal)
  const history = join(
    session.study.directory,
    session.study.settings.shell.persistent_history_file,
  )
  loadHistory(terminal, history)
  session.print("Welcome to psiTurk. Type 'help' for the commands, 'quit' to leave.")
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a conversation
    const line = await readLine(terminal, await prompt(session, countHits))
    if (line === undefined) break
    const words = splitSafely(line)
    if (words.length === 0) continue
    remember(history, line)
    // oxlint-disable-next-line no-await-in-loop
    if (words[0] === 'quit' || words[0] === 'exit') {
      // oxlint-disable-next-line no-await-in-loop
      if (await mayQuit(session)) break
      continue
    }
    // oxlint-disable-next-line no-await-in-loop
    await runCommand(session, words).catch(printProblem)
  }
  terminal.close()
  return 0
}

function splitSafely(line: string): string[] {
  try {
    return splitWords(line)
  } catch (error) {
    printProblem(error)
    return []
  }
}

/** @returns undefined at the end of the input */
async function readLine(terminal: Interface, question: string): Promise<string | undefined> {
  const closed = new AbortController()
  const close = (): void => closed.abort()
  terminal.once('close', close)
  try {
    return await terminal.question(question, { signal: closed.signal })
  } catch {
    return undefined
  } finally {
    terminal.off('close', close)
  }
}

const SERVER_WORD = { yes: 'on', no: 'off', maybe: 'status unknown', blocked: 'blocked' } as const

async function prompt(
  session: Session,
  countHits: (session: Session) => Promise<number | undefined>,
): Promise<string> {
  const server = SERVER_WORD[await serverState(session.study)]
  const mode = session.mode === 'live' ? 'live' : 'sdbx'
  const hits = await countHits(session)
  return `[psiTurk server:${server} mode:${mode}${hits === undefined ? '' : ` #HITs:${hits}`}]$ `
}

async function mayQuit(session: Session): Promise<boolean> {
  if ((await serverState(session.study)) !== 'yes') return true
  const answer = await session.ask(
    'The server still runs; it goes on without this shell. Quit? [y/n] ',
  )
  return /^y/i.test(answer)
}

function loadHistory(terminal: Interface, path: string): void {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-HISTORY_MAX)
    // The property is how Node offers a history to start with after creation.
    Object.assign(terminal, { history: lines.toReversed() })
  } catch {
    // The first time there is none.
  }
}

const HISTORY_MAX = 500

function remember(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`, { mode: 0o600 })
  } catch {
    // A folder that cannot be written has no history.
  }
}
