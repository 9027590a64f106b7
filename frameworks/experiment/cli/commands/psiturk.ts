import { readFileSync } from 'node:fs'
import { defineCommand } from '@hokku/kit/command-line'
import type { Host } from '../host.ts'
import { runShell } from '../shell.ts'
import { splitWords } from '../split-words.ts'
import type { Terminal } from '../terminal.ts'
import { versionLine } from './version.ts'

const SCRIPT = { type: 'file', placeholder: 'file' } as const

/** `psiturk` without a command: the shell, a script, or one line. */
export const command = defineCommand({
  summary: 'Starts the interactive shell.',
  options: {
    execute: {
      type: 'string',
      short: 'e',
      placeholder: 'command',
      description: 'Runs one command, quoted as a single word.',
    },
    script: { ...SCRIPT, short: 's', description: 'Runs the commands of a file, one per line.' },
    test: { ...SCRIPT, short: 't', description: 'The same as --script.' },
    version: { type: 'boolean', short: 'v', description: 'Prints the version.' },
  },
  run: async ({ options: { execute, script, test, version } }, host: Host) => {
    if (version) {
      console.log(versionLine())
      return 0
    }
    if (execute !== undefined) return await host.run(splitWords(execute), host.session())
    const file = script ?? test
    return file === undefined ? await startShell(host) : await runScript(file, host)
  },
})

async function startShell(host: Host): Promise<number> {
  const { countHits } = await import('./status.ts')
  const quiet = host.session()
  const start = (terminal: Terminal) => ({
    ...quiet,
    isQuiet: false,
    ask: async (question: string) => (await terminal.ask(question)) ?? '',
  })
  return await runShell(quiet.study, { ...host, start, countHits })
}

/** One command a line; `#` starts a comment; ends at the first that fails. */
async function runScript(file: string, host: Host): Promise<number> {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const words = line.trim().startsWith('#') ? [] : splitWords(line)
    if (words.length === 0) continue
    if (words[0] === 'quit' || words[0] === 'exit') break
    // oxlint-disable-next-line no-await-in-loop -- a script is one command after the other
    const code = await host.run(words, host.session())
    if (code !== 0) return code
  }
  return 0
}
