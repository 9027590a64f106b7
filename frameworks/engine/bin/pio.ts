import { ask, endWithReader, runProgram } from '@hokku/kit/command-line'
import type { Context } from '../commands/command.ts'
import { pio } from '../commands/program.ts'
import { createLog } from '../log.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
endWithReader()

let storage: ReturnType<Context['storage']> | undefined
const { openStorage } = await import('../storage/storage.ts')
const write = (text: string): void => void process.stdout.write(text)

const context: Context = {
  env: process.env,
  cwd: process.cwd(),
  log: createLog(write),
  write,
  writeError: (text) => void process.stderr.write(text),
  ask: async (question) => (await ask(question)) ?? '',
  storage: () => (storage ??= openStorage(process.env)),
  signal: stop.signal,
}
process.exitCode = await runProgram(pio, process.argv.slice(2), context, context)
await storage?.close()
