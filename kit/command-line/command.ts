import { parseCall } from './parse-call.ts'
import type { Call, Command, OptionTable, ArgumentTable } from './declaration.ts'

/** A command as its file declares it; see {@link Command} for what the fields mean. */
export type Definition<Options, Arguments, Context> = Omit<
  Command<Context>,
  'options' | 'arguments' | 'execute'
> &
  Readonly<{
    options?: Options
    arguments?: Arguments
    /**
     * Does the work and returns the exit code. An expected failure is a thrown Problem; for a call
     * that makes no sense throw `misuse(…)`.
     */
    run: (call: Call<Options, Arguments>, context: Context) => Promise<number>
  }>

/**
 * Declares a command: help, checks, completion and types of its values all come from this data.
 *
 * @example
 * export const command = defineCommand({
 *   summary: 'Starts the platform.',
 *   options: {
 *     port: { type: 'integer', min: 1, max: 65_535, default: 8080, description: 'Port to listen on.' },
 *   },
 *   run: async ({ options }, context: Context) => start(options.port, context),
 * })
 */
export function defineCommand<
  const Options extends OptionTable = Record<never, never>,
  const Arguments extends ArgumentTable = Record<never, never>,
  Context = unknown,
>(definition: Definition<Options, Arguments, Context>): Command<Context> {
  const { run, options = {}, arguments: args = {}, ...rest } = definition
  const declaration = { ...rest, options, arguments: args }
  return {
    ...declaration,
    execute: async (words, context) =>
      await run(parseCall(declaration, words) as Call<Options, Arguments>, context),
  }
}
