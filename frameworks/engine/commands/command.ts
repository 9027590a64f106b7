import {
  type ArgumentTable,
  type Call,
  type Command as DeclaredCommand,
  type Definition,
  defineCommand,
  type OptionTable,
} from '@hokku/kit/command-line'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import { COMMON_OPTIONS, HIDDEN_COMMON_OPTIONS } from './options.ts'

/** What a command may touch; the effects of the whole command line. */
export type Context = Readonly<{
  env: NodeJS.ProcessEnv
  cwd: string
  log: Log
  /** Bare text on standard output. */
  write: (text: string) => void
  writeError: (text: string) => void
  /** Asks on standard output, gives the line that was typed; '' at the end of input. */
  ask: (question: string) => Promise<string>
  storage: () => Storage
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal
}>

export type Command = DeclaredCommand<Context>

/** A call with the options that every command has. */
export type PioCall<Options = Record<never, never>, Arguments = Record<never, never>> = Call<
  Options & typeof COMMON_OPTIONS,
  Arguments
>

/**
 * Declares a command of `pio`. Each accepts the common options, and words after `--`, as in
 * PredictionIO; the help shows them only where the command works with an engine.
 */
export function pioCommand<
  const Options extends OptionTable = Record<never, never>,
  const Arguments extends ArgumentTable = Record<never, never>,
>(
  definition: Omit<Definition<Options, Arguments, Context>, 'run'> & {
    worksWithEngine?: true
    run: (call: PioCall<Options, Arguments>, context: Context) => Promise<number>
  },
): Command {
  const { worksWithEngine, ...declaration } = definition
  const common = worksWithEngine ? COMMON_OPTIONS : HIDDEN_COMMON_OPTIONS
  const options = { ...common, ...definition.options } as Options & typeof COMMON_OPTIONS
  return defineCommand({ afterDashes: '', ...declaration, options })
}
