import { parseArgs, type ParseArgsConfig } from 'node:util'
import { problem } from '../problems.ts'

/** What a command may touch; `main.ts` fills it with the real things. */
export type Context = Readonly<{
  env: NodeJS.ProcessEnv
  cwd: string
  write: (text: string) => void
  writeError: (text: string) => void
  /** Aborted by SIGTERM and SIGINT. */
  signal: AbortSignal
}>

/** Runs with the words after the command's name; returns the exit code. */
export type Command = (args: string[], context: Context) => Promise<number>

/** `parseArgs`, with failures that say how to call for help. */
export function parse<const Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    throw problem('usage_invalid', error instanceof Error ? error.message : String(error), {
      hint: 'model-server --help tells what there is.',
    })
  }
}
