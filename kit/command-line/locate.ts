import { namesOf, type Program } from './program.ts'
import { tokensOf } from './sort-words.ts'

/** What a command line asks for. */
export type Located =
  | Readonly<{ kind: 'command'; name: string; words: readonly string[] }>
  | Readonly<{ kind: 'help'; name: string }>
  | Readonly<{ kind: 'bare'; words: readonly string[] }>
  | Readonly<{ kind: 'unknown'; name: string; words: readonly string[] }>

/** Finds the command in a command line. `help` leads anywhere, also behind a family's name. */
export function locate<Context>(program: Program<Context>, argv: readonly string[]): Located {
  const { name, words } = nameIn(program, argv)
  const names = namesOf(program)
  const [first = '', second = ''] = name
  if (isHelp(first)) return { kind: 'help', name: [...name.slice(1), ...words].join(' ') }
  if (first === '') {
    if (words.some(isHelp) || (words.length === 0 && program.bare === undefined)) {
      return { kind: 'help', name: '' }
    }
    if (program.bare === undefined) return { kind: 'unknown', name: words[0] ?? '', words }
    return { kind: 'bare', words }
  }
  const both = `${first} ${second}`
  if (names.includes(both)) return { kind: 'command', name: both, words }
  const single = second === '' ? words : [second, ...words]
  if (names.includes(first)) return { kind: 'command', name: first, words: single }
  if (isFamily(names, first)) {
    const asksForHelp = isHelp(second) || (second === '' && words.some(isHelp))
    if (asksForHelp) return { kind: 'help', name: first }
    return { kind: 'unknown', name: both.trim(), words: argv }
  }
  return { kind: 'unknown', name: first, words: argv }
}

const isHelp = (word: string): boolean => ['help', '--help', '-h'].includes(word)

export const isFamily = (names: readonly string[], name: string): boolean =>
  names.some((one) => one.startsWith(`${name} `))

type Named = Readonly<{ name: readonly string[]; words: readonly string[] }>

/** Parts the words of the name, at most two, from the others. */
function nameIn<Context>(program: Program<Context>, argv: readonly string[]): Named {
  const { optionsAnywhere } = program
  const places =
    optionsAnywhere === undefined
      ? leadingWords(argv)
      : placesOfWords(tokensOf(optionsAnywhere, argv))
  const first = argv[places[0] ?? -1]
  const inFamily = first !== undefined && (isHelp(first) || isFamily(namesOf(program), first))
  const taken = places.slice(0, inFamily ? 2 : 1)
  return {
    name: taken.map((place) => argv[place] ?? ''),
    words: argv.filter((_, place) => !taken.includes(place)),
  }
}

/** Where the first two words stand, up to the first option. */
function leadingWords(argv: readonly string[]): number[] {
  const option = argv.findIndex((word) => word.startsWith('-'))
  return [...argv.keys()].slice(0, Math.min(2, option < 0 ? argv.length : option))
}

/** Where the first two words stand that are neither options nor their values. */
function placesOfWords(tokens: ReturnType<typeof tokensOf>): number[] {
  const end = tokens.findIndex(({ kind }) => kind === 'option-terminator')
  return tokens
    .slice(0, end < 0 ? undefined : end)
    .flatMap((token) => (token.kind === 'positional' ? [token.index] : []))
    .slice(0, 2)
}
