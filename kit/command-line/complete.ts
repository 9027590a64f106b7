import type { Argument, Command, Option, ValueKind } from './declaration.ts'
import { loadCommand, namesOf, type Program } from './program.ts'

/** How a command line may continue. */
export type Candidate = Readonly<{ word: string; meaning: string }>

/**
 * What may stand in place of the last word, which has been begun: a command, an option, a value of
 * it. Nothing where a file name is expected: the shell knows those.
 */
export async function complete<Context>(
  program: Program<Context>,
  words: readonly string[],
): Promise<Candidate[]> {
  const begun = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  return (await candidates(program, before, begun)).filter(({ word }) => word.startsWith(begun))
}

async function candidates<Context>(
  program: Program<Context>,
  before: readonly string[],
  begun: string,
): Promise<Candidate[]> {
  if (before[0] === 'help') return commandWords(program, before.slice(1))
  const { command, rest } = await commandOf(program, before)
  if (command === undefined) return commandWords(program, before)
  const previous = optionNamed(command, rest.at(-1))
  if (previous !== undefined && previous.type !== 'boolean') return valuesOf(previous)
  if (begun.startsWith('-')) return optionsOf(command)
  const argument = argumentAt(command, rest)
  const names = before.length === 0 ? commandWords(program, before) : []
  return [...names, ...(argument === undefined ? [] : valuesOf(argument))]
}

/** The argument that the next word would be, after the words so far. */
function argumentAt<Context>(
  command: Command<Context>,
  words: readonly string[],
): Argument | undefined {
  const positionals = words.filter((word, at) => {
    const option = optionNamed(command, words[at - 1])
    return !word.startsWith('-') && (option === undefined || option.type === 'boolean')
  })
  const all = Object.values(command.arguments)
  const last = all.at(-1)
  return all[positionals.length] ?? (last?.isRepeated === true ? last : undefined)
}

async function commandOf<Context>(program: Program<Context>, words: readonly string[]) {
  const [first = '', second = ''] = words
  const both = await loadCommand(program, `${first} ${second}`)
  if (both !== undefined) return { command: both, rest: words.slice(2) }
  const single = await loadCommand(program, first)
  if (single !== undefined) return { command: single, rest: words.slice(1) }
  if (first !== '' && !first.startsWith('-')) return { command: undefined, rest: words }
  return { command: (await program.bare?.())?.command, rest: words }
}

/** The next word of every command name that begins with the words so far. */
function commandWords<Context>(program: Program<Context>, before: readonly string[]): Candidate[] {
  const names = namesOf(program)
    .map((name) => name.split(' '))
    .filter((name) => before.every((word, at) => name[at] === word))
    .flatMap((name) => name[before.length] ?? [])
  const all = before.length === 0 ? [...names, 'help'] : names
  return [...new Set(all)].map(plain)
}

const plain = (word: string): Candidate => ({ word, meaning: '' })

function optionNamed<Context>(
  { options }: Command<Context>,
  word: string | undefined,
): Option | undefined {
  if (word === undefined) return undefined
  return Object.entries(options).find(
    ([name, { short }]) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  )?.[1]
}

const optionsOf = <Context>({ options }: Command<Context>): Candidate[] => [
  ...Object.entries(options)
    .filter(([, { isHidden }]) => isHidden !== true)
    .map(([name, { description }]) => ({ word: `--${name}`, meaning: description })),
  { word: '--help', meaning: 'Shows this help.' },
]

function valuesOf(kind: ValueKind): Candidate[] {
  if (kind.type === 'choice') return kind.choices.map(plain)
  return kind.type === 'string' ? (kind.suggestions ?? []).map(plain) : []
}
