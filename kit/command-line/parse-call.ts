import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { Argument, Call, Declaration, Option, OptionTable } from './declaration.ts'
import { misuse, suggest } from './misuse.ts'
import { readValue, type Value } from './read-value.ts'

type Values = Readonly<Record<string, Value | boolean | readonly Value[] | undefined>>

/**
 * Reads the words of one call as its command declares them.
 *
 * @throws Problem `misuse` that names the first word that does not fit
 */
export function parseCall(command: Declaration, words: readonly string[]): Call<Values, Values> {
  const { texts, positionals, afterDashes } = sortWords(command, words)
  return {
    options: optionValues(command.options, texts),
    arguments: argumentValues(command, positionals),
    afterDashes,
    words,
  } as Call<Values, Values>
}

type Sorted = Readonly<{
  /** Texts by option; an option without values has none. */
  texts: ReadonlyMap<string, readonly string[]>
  positionals: readonly string[]
  afterDashes: readonly string[]
}>

function sortWords({ options, afterDashes }: Declaration, words: readonly string[]): Sorted {
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

/** A word that looks like an option is no value: it was forgotten. A negative number is one. */
function givenValue({ type }: Option, { name, value, inlineValue }: OptionToken): string {
  const isNumber = type === 'integer' || type === 'number'
  const isForgotten =
    value === undefined ||
    (inlineValue !== true && /^-./.test(value) && !(isNumber && /^-\d/.test(value)))
  if (isForgotten) throw misuse(`Missing value after --${name}`)
  return value
}

function optionValues(options: OptionTable, texts: Sorted['texts']): Values {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      const given = texts.get(name)
      if (option.type === 'boolean') return [name, given !== undefined]
      const values = (given ?? []).map((text) => readValue(`Option --${name}`, option, text))
      if (option.isRepeated === true || option.takesMany === true) return [name, values]
      if (option.isRequired === true && values.length === 0)
        throw misuse(`Missing option --${name}`)
      // As everywhere: of several the last one counts, so that a script's default can be overridden.
      return [name, values.at(-1) ?? option.default]
    }),
  )
}

function argumentValues(command: Declaration, positionals: readonly string[]): Values {
  const table = Object.entries(command.arguments)
  const takesAll = table.at(-1)?.[1].isRepeated === true
  const extra = takesAll ? undefined : positionals[table.length]
  if (extra !== undefined) throw misuse(`Unexpected argument '${extra}'`)
  return Object.fromEntries(
    table.map(([name, argument], at) => {
      const own =
        argument.isRepeated === true ? positionals.slice(at) : positionals.slice(at, at + 1)
      const label = placeholderOf(name, argument)
      if (own.length === 0 && argument.isOptional !== true)
        throw misuse(`Missing argument ${label}`)
      const values = own.map((text) => readValue(`Argument ${label}`, argument, text))
      return [name, argument.isRepeated === true ? values : values[0]]
    }),
  )
}

/** `<port>`, as help and messages write it. */
export const placeholderOf = (name: string, { placeholder }: Option | Argument): string =>
  `<${placeholder ?? name}>`
