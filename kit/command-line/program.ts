import type { Command, OptionTable } from './declaration.ts'

/** Loads a command's file when it is called, so that a program starts at once. */
export type Loader<Context> = () => Promise<{ command: Command<Context> }>

/** Commands by name, e.g. `train` or, in a family, `app new`. */
export type Commands<Context> = Readonly<Record<string, Loader<Context>>>

/** A command-line program: what its help, its completion and its dispatch are made from. */
export type Program<Context> = Readonly<{
  name: string
  /** One sentence: what the program is for. */
  summary: string
  /** Further ways to call it than `<name> <command>`: what follows the name, and what it does. */
  usage?: readonly (readonly [words: string, meaning: string])[]
  /** Heading → commands, in the order of the help. */
  groups: Readonly<Record<string, Commands<Context>>>
  /** Runs when no command is named; its options are the program's own. */
  bare?: Loader<Context>
  /** Options that may also stand before a command's name: those of all commands. */
  optionsAnywhere?: OptionTable
  /** Last paragraph of the help. */
  notes?: string
  /** Exit code for a call that makes no sense. */
  misuseCode: 1 | 2
  /** Takes calls whose first word is not a command; undefined if it is an unknown command after all. */
  takeUnknown?: (words: readonly string[], context: Context) => Promise<number> | undefined
  /** Reports a failure in the program's own manner; undefined if the usual one will do. */
  report?: (failure: Failure<Context>, context: Context) => number | undefined
}>

/** Something thrown by a command, or by the reading of its words. */
export type Failure<Context> = Readonly<{
  error: unknown
  /** Empty if no command was found. */
  name: string
  command: Command<Context> | undefined
}>

/** Where a program writes. */
export type Output = Readonly<{
  write: (text: string) => void
  writeError: (text: string) => void
}>

export const commandsOf = <Context>({ groups }: Program<Context>): Commands<Context> =>
  Object.assign({}, ...Object.values(groups)) as Commands<Context>

export const namesOf = <Context>(program: Program<Context>): string[] =>
  Object.keys(commandsOf(program))

/** Loads the command of exactly that name; undefined if there is none. */
export async function loadCommand<Context>(
  program: Program<Context>,
  name: string,
): Promise<Command<Context> | undefined> {
  const commands = commandsOf(program)
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  return (await load?.())?.command
}
