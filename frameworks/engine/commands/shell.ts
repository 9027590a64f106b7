import { Problem } from '@hokku/kit/problem'
import { inspect } from 'node:util'
import { startShell } from '../shell/shell.ts'
import { pioCommand } from './command.ts'
import { readSparkOptions } from './spark-options.ts'

export const command = pioCommand({
  summary: 'Runs TypeScript with access to the events, at a prompt or from a pipe.',
  details: 'The program pio-shell does the same.',
  afterDashes: 'Options for Spark, which have no effect.',
  run: async (call, { storage, log, writeError, cwd }) => {
    const { notices } = readSparkOptions(call.afterDashes, 'serving')
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
})
