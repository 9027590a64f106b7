import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { Declaration, Option, OptionTable } from './declaration.ts'
import { misuse, suggest } from './misuse.ts'

/** The words of a call, sorted by what they are. */
export type Sorted = Readonly<{
  /** Texts by option; an option without values has none. */
  texts: ReadonlyMap<string, readonly string[]>
  positionals: readonly string[]
  afterDashes: readonly string[]
}>

/**
 * Sorts the words of a call: texts of options, arguments, and what follows `--`.
 *
 * @throws Problem `misuse` for an unknown option, or a value that is missing or too many
 */
export function sortWords({ options, afterDashes }: Declaration, words: readonly string[]): Sorted {
  const texts = new Map<string, string[]>()
  const positionals: string[] = []
  let open: string[] | undefined
  for (const token of tokensOf(options, words)) {
    if (token.kind === 'option-terminator') {
      if (afterDashes !== undefined) {
        return { texts, positionals, afterDashes: words.slice(token.index + 1) }
      }
      open = undefined
    } else if (token.kind === 'positional') (open ?? positionals).push(token.value)
    else {
      const option = knownOption(options, token.name, words[token.index] ?? '')
      const list = texts.get(token.name) ?? []
      texts.set(token.name, list)
      if (option.type === 'boolean') checkNoValue(token)
      else list.push(givenValue(option, token))
      open = option.type !== 'boolean' && option.takesMany === true ? list : undefined
    }
  }
  return { texts, positionals, afterDashes: [] }
}

type Token = ReturnType<typeof tokensOf>[number]
type OptionToken = Extract<Token, { kind: 'option' }>

/** The words as tokens of `node:util`, which knows `--name=value`, `-p 80`, `-p80` and `--`. */
export function tokensOf(options: OptionTable, words: readonly string[]) {
  const end = words.indexOf('--')
  const args = words.map((word, at) => (end >= 0 && at > end ? word : longForm(options, word)))
  return parseArgs({
    args,
    options: Object.fromEntries(Object.entries(options).map(forNode)),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens
}

const forNode = ([name, { type, short }]: [string, Option]): [
  string,
  ParseArgsOptionsConfig[string],
] => [
  name,
  {
    type: type === 'boolean' ? 'boolean' : 'string',
    multiple: true,
    ...(short?.length === 1 && { short }),
  },
]

/** `-ed` → `--engine-dir`: short forms of several letters, which `node:util` does not know. */
function longForm(options: OptionTable, word: string): string {
  const found = Object.entries(options).find(
    ([, { short }]) => short !== undefined && short.length > 1 && word === `-${short}`,
  )
  return found === undefined ? word : `--${found[0]}`
}

function knownOption(options: OptionTable, name: string, word: string): Option {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (option !== undefined) return option
  const typed = word.split('=', 1)[0] ?? word
  const names = ['--help', ...Object.keys(options).map((one) => `--${one}`)]
  throw misuse(`Unknown option ${typed}`, suggest(typed, names))
}

function checkNoValue({ name, value }: OptionToken): void {
  if (value !== undefined) throw misuse(`Option --${name} takes no value`)
}

/** A word that looks like an option is not a value: it was forgotten. A negative number is one. */
function givenValue({ type }: Option, { name, value, inlineValue }: OptionToken): string {
  const isNumber = type === 'integer' || type === 'number'
  const isForgotten =
    value === undefined ||
    (inlineValue !== true && /^-./.test(value) && !(isNumber && /^-\d/.test(value)))
  if (isForgotten) throw misuse(`Missing value after --${name}`)
  return value
}
