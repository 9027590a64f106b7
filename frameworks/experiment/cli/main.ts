import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { readStudy } from '../configuration/config.ts'
import { runCommand } from './commands.ts'
import { isMode } from '../mturk/mode.ts'
import { problem } from '../problems.ts'
import { versionLine } from './commands/version.ts'
import { printProblem } from './print-problem.ts'
import type { Session } from './session.ts'
import { runShell } from './shell.ts'
import type { Terminal } from './terminal.ts'
import { splitWords } from './words.ts'

/** `psiturk`: a shell without words, a single command with them, a script with `-s`. */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [first, second] = argv
  try {
    if (first === '-v' || first === '--version') {
      console.log(versionLine())
      return 0
    }
    if (first === '-h' || first === '--help') return await runCommand(quietSession(env), ['help'])
    if (first === '-e' || first === '--execute') {
      return await runCommand(quietSession(env), splitWords(second ?? 'help'))
    }
    if (first === '-s' || first === '--script' || first === '-t' || first === '--test') {
      return await runScript(quietSession(env), readScript(second))
    }
    if (first === undefined) {
      const { countHits } = await import('./commands/status.ts')
      const quiet = quietSession(env)
      const start = (terminal: Terminal): Session => ({
        ...quiet,
        isQuiet: false,
        ask: async (question) => (await terminal.ask(question)) ?? '',
      })
      return await runShell(quiet.study, start, countHits)
    }
    return await runCommand(quietSession(env), argv)
  } catch (error) {
    printProblem(error)
    return 1
  }
}

function quietSession(env: NodeJS.ProcessEnv): Session {
  const reload = () => readStudy(process.cwd(), env)
  const study = reload()
  const { launch_in_mode } = study.settings.shell
  return {
    study,
    mode: isMode(launch_in_mode) ? launch_in_mode : 'sandbox',
    isQuiet: true,
    print: (text) => console.log(text),
    ask: askOnce,
    reload,
  }
}

async function askOnce(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

function readScript(path: string | undefined): string {
  try {
    return readFileSync(path ?? '', 'utf8')
  } catch (error) {
    throw problem('argument_invalid', `The script ${path ?? ''} cannot be read.`, {
      cause: error,
      hint: 'psiturk -s FILE runs the commands of a file, one a line.',
    })
  }
}

/** One command a line; `#` starts a comment; ends at the first that fails. */
async function runScript(session: Session, text: string): Promise<number> {
  for (const line of text.split('\n')) {
    const words = line.trim().startsWith('#') ? [] : splitWords(line)
    if (words.length === 0) continue
    if (words[0] === 'quit' || words[0] === 'exit') break
    // oxlint-disable-next-line no-await-in-loop -- a script is one command after the other
    const code = await runCommand(session, words)
    if (code !== 0) return code
  }
  return 0
}
