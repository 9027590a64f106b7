import { misuse } from '@hokku/kit/command-line'

/**
 * Splits a line of the shell into words, with quotes and backslashes as in a POSIX shell.
 *
 * @throws Problem `misuse` for a quote that is not closed
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
  if (quote !== '') throw misuse(`A ${quote} is not closed`)
  return word === undefined ? words : [...words, word]
}
