import { runProgram } from '@hokku/kit/command-line'
import { modelServer } from '../commands/program.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
// `model-server score … | head` must not end in a stack trace.
process.stdout.on('error', () => process.exit(1))

process.exitCode = await runProgram(modelServer, process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  signal: stop.signal,
})
