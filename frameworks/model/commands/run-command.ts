import { Problem } from '@hokku/kit/problem'
import type { Command, Context } from './command.ts'
import { HELP } from './help.ts'

/** One command is loaded, when it is called. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  inspect: async () => (await import('./inspect.ts')).inspect,
  check: async () => (await import('./check.ts')).check,
  score: async () => (await import('./score.ts')).score,
}

/** `model-server` with its arguments. @returns exit code: 0 good, 1 failed, 2 used wrongly */
export async function runCommand(args: string[], context: Context): Promise<number> {
  const [first = 'serve', ...rest] = args
  if (first === '--help' || first === '-h' || first === 'help') {
    context.write(HELP)
    return 0
  }
  // `model-server DIR` and `model-server --port 8000` mean serve.
  const load = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  try {
    if (load !== undefined) return await (await load())(rest, context)
    return await (
      await COMMANDS['serve']!()
    )(args, context)
  } catch (error) {
    return explain(error, context)
  }
}

function explain(error: unknown, { writeError }: Context): number {
  if (!(error instanceof Problem)) throw error
  writeError(`model-server: ${error.message}\n`)
  if (error.hint !== undefined) writeError(`  ${error.hint}\n`)
  return error.code === 'usage_invalid' ? 2 : 1
}
