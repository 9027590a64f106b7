import { printFailure } from './failure.ts'

/** One file a command, loaded when it is asked for. */
const COMMANDS: Readonly<Record<string, () => Promise<{ run: Command }>>> = {
  up: () => import('./commands/up.ts'),
  down: () => import('./commands/down.ts'),
  status: () => import('./commands/status.ts'),
  env: () => import('./commands/env.ts'),
  doctor: () => import('./commands/doctor.ts'),
  token: () => import('./commands/token.ts'),
  connect: () => import('./commands/connect.ts'),
  'ci:run': () => import('./commands/ci-run.ts'),
  help: () => import('./commands/help.ts'),
}

/** @returns the exit code */
export type Command = (args: string[], env: NodeJS.ProcessEnv) => Promise<number>

const [word = 'help', ...args] = process.argv.slice(2)
const load = COMMANDS[word.replace(/^--help$|^-h$/, 'help')]
try {
  const { run } = await (load === undefined ? import('./commands/heroku.ts') : load())
  process.exitCode = await run(load === undefined ? [word, ...args] : args, process.env)
} catch (error) {
  printFailure(error)
  process.exitCode = 1
}
