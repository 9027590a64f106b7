import { Problem } from '@hokku/kit/problem'
import { inspect } from 'node:util'
import { startShell } from '../shell/shell.ts'
import type { Command } from './command.ts'
import { readSparkOptions } from './spark-options.ts'

export const command: Command = {
  usage: '',
  summary: 'Reads TypeScript and answers, with the event stores loaded. Also called pio-shell.',
  options: [],
  arguments: [],
  run: async (call, { storage, log, writeError, cwd }) => {
    const { notices } = readSparkOptions(call.sparkArguments, 'serving')
    notices.forEach((notice) => log.warn('Shell$', notice))
    try {
      await startShell(storage(), { input: process.stdin, output: process.stdout }, cwd)
      return 0
    } catch (error) {
      if (error instanceof Problem) throw error
      writeError(`Uncaught ${error instanceof SyntaxError ? String(error) : inspect(error)}\n`)
      return 1
    }
  },
}
