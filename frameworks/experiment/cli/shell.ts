import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Study } from '../configuration/config.ts'
import { failureText } from '@hokku/kit/command-line'
import type { Host } from './host.ts'
import { serverState } from './server-process.ts'
import type { Session } from './session.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { splitWords } from './split-words.ts'

type ShellEffects = Pick<Host, 'run' | 'complete'> &
  Readonly<{
    start: (terminal: Terminal) => Session
    countHits: (session: Session) => Promise<number | undefined>
  }>

/** The interactive shell: reads commands until `quit`, and continues after one that failed. */
export async function runShell(
  study: Study,
  { run, complete, start, countHits }: ShellEffects,
): Promise<number> {
  const history = join(study.directory, study.settings.shell.persistent_history_file)
  const terminal = openTerminal(readHistory(history), complete)
  const session = start(terminal)
  session.print("Welcome to psiTurk. Type 'help' for the commands, 'quit' to leave.")
  let hits = await countHits(session)
  if (hits === undefined) session.print(NOT_CONNECTED)
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a conversation
    const line = await terminal.ask(await prompt(session, hits))
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
    await run(words, session)
    // oxlint-disable-next-line no-await-in-loop
    if (CHANGES_HITS.has(words[0] ?? '')) hits = await countHits(session)
  }
  terminal.close()
  return 0
}

/** The marketplace is far away: it is asked only after what can have changed its answer. */
const CHANGES_HITS: ReadonlySet<string> = new Set(['hit', 'mode', 'config'])

const NOT_CONNECTED =
  'Mechanical Turk is not connected. Commands that need it: hit, worker, amt_balance, qualifications. All others work, such as server on and debug -p.'

function splitSafely(line: string): string[] {
  try {
    return splitWords(line)
  } catch (error) {
    process.stderr.write(failureText(error))
    return []
  }
}

const SERVER_WORD = { yes: 'on', no: 'off', maybe: 'status unknown', blocked: 'blocked' } as const

async function prompt(session: Session, hits: number | undefined): Promise<string> {
  const server = SERVER_WORD[await serverState(session.study)]
  const mode = session.mode === 'live' ? 'live' : 'sdbx'
  return `[psiTurk server:${server} mode:${mode}${hits === undefined ? '' : ` #HITs:${hits}`}]$ `
}

async function mayQuit(session: Session): Promise<boolean> {
  if ((await serverState(session.study)) !== 'yes') return true
  const answer = await session.ask(
    'The server is on and keeps running without this shell. Quit? [y/n] ',
  )
  return /^y/i.test(answer)
}

function readHistory(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-HISTORY_MAX)
  } catch {
    // The first time there is none.
    return []
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
