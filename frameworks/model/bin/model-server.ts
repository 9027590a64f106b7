import { endWithReader, runProgram } from '@hokku/kit/command-line'
import { modelServer } from '../commands/program.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
endWithReader()

process.exitCode = await runProgram(modelServer, process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  signal: stop.signal,
})
