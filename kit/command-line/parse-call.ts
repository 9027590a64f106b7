import type { Argument, Call, Declaration, Option, OptionTable } from './declaration.ts'
import { misuse } from './misuse.ts'
import { readValue, type Value } from './read-value.ts'
import { sortWords, type Sorted } from './sort-words.ts'

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
