import { createInterface } from 'node:readline'
import { runCommand } from '../commands/run-command.ts'
import type { Context } from '../commands/command.ts'
import { createLog } from '../log.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
// Who pipes us into `head` wants no stack trace.
process.stdout.on('error', () => process.exit(1))

let storage: ReturnType<Context['storage']> | undefined
const { openStorage } = await import('../storage/storage.ts')
const write = (text: string): void => void process.stdout.write(text)

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  log: createLog(write),
  write,
  writeError: (text) => void process.stderr.write(text),
  ask,
  storage: () => (storage ??= openStorage(process.env)),
  signal: stop.signal,
})
await storage?.close()

async function ask(question: string): Promise<string> {
  write(question)
  const lines = createInterface({ input: process.stdin })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    // A terminal or pipe would keep the process; a file has nothing to let go of.
    if ('unref' in process.stdin) process.stdin.unref()
  }
}
