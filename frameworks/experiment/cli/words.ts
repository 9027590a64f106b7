import { problem } from '../problems.ts'

/**
 * Splits a line of the shell into words, with quotes and backslashes as in a POSIX shell.
 *
 * @throws Problem `argument_invalid` for a quote that is not closed
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? ''
    if (quote !== '') {
      if (character === quote) quote = ''
      else if (character === '\\' && quote === '"' && /["\\]/.test(line[at + 1] ?? '')) {
        word += line[(at += 1)] ?? ''
      } else word += character
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word ??= ''
      if (character === '"' || character === "'") quote = character
      else if (character === '\\') word += line[(at += 1)] ?? ''
      else word += character
    }
  }
  if (quote !== '') throw problem('argument_invalid', `A ${quote} is not closed.`)
  return word === undefined ? words : [...words, word]
}

/** Options of one command: flags, and options with a value that may come several times. */
export type Parsed = Readonly<{
  words: readonly string[]
  flags: ReadonlySet<string>
  values: ReadonlyMap<string, readonly string[]>
}>

/**
 * Reads the words of a command as the original does: `--option value`, where some options take all
 * the words up to the next option.
 *
 * @param grammar option → `flag`, `one` (a value each time it is given) or `many`
 * @param wordsMax how many words may stand beside the options
 * @throws Problem `argument_invalid`
 */
export function parseOptions(
  words: readonly string[],
  grammar: Readonly<Record<string, 'flag' | 'one' | 'many'>>,
  wordsMax = Number.POSITIVE_INFINITY,
): Parsed {
  const rest: string[] = []
  const flags = new Set<string>()
  const values = new Map<string, string[]>()
  let open: { name: string; isMany: boolean } | undefined
  for (const word of words.flatMap(splitEquals)) {
    if (word.startsWith('--')) {
      const kind = grammar[word]
      if (kind === undefined) throw problem('argument_invalid', `There is no option ${word}.`)
      open = kind === 'flag' ? undefined : { name: word, isMany: kind === 'many' }
      if (kind === 'flag') flags.add(word)
      else values.set(word, values.get(word) ?? [])
    } else if (open !== undefined) {
      values.get(open.name)?.push(word)
      if (!open.isMany) open = undefined
    } else rest.push(word)
  }
  for (const [name, given] of values) {
    if (given.length === 0) throw problem('argument_invalid', `Option ${name} needs a value.`)
  }
  const surplus = rest[wordsMax]
  if (surplus !== undefined) throw problem('argument_invalid', `There is no place for ${surplus}.`)
  return { words: rest, flags, values }
}

const splitEquals = (word: string): string[] => {
  const [, name, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? []
  return name === undefined || value === undefined ? [word] : [name, value]
}
