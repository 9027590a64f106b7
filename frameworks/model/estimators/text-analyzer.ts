import { unsupported, type Attributes } from './attributes.ts'
import { ENGLISH_STOP_WORDS } from './english-stop-words.ts'
import { pythonPattern } from './python-pattern.ts'
import type { Pickled } from '../pickled.ts'

/** Splits a document into the terms that a vectorizer counts. */
export type Analyzer = (document: string) => string[]

export function readAnalyzer(estimator: Attributes): Analyzer {
  for (const name of ['preprocessor', 'tokenizer']) {
    if (estimator.has(name)) throw unsupported(estimator, `with a custom ${name}`)
  }
  const prepare = preprocessing(estimator)
  const [least, most] = [...estimator.numbers('ngram_range')] as [number, number]
  const kind = estimator.get('analyzer') ?? 'word'
  if (kind === 'char') return (document) => charGrams(squeeze(prepare(document)), least, most)
  if (kind === 'char_wb') return (document) => boundedGrams(squeeze(prepare(document)), least, most)
  if (kind !== 'word') throw unsupported(estimator, 'with a custom analyzer')
  const tokens = tokenizer(estimator)
  const stopWords = readStopWords(estimator, estimator.get('stop_words'))
  return (document) => {
    const words = tokens(prepare(document)).filter((token) => !stopWords.has(token))
    return wordGrams(words, least, most)
  }
}

function preprocessing(estimator: Attributes): (document: string) => string {
  const lowers = estimator.flag('lowercase', true)
  const strip = estimator.get('strip_accents') ?? null
  if (strip !== null && strip !== 'unicode' && strip !== 'ascii') {
    throw unsupported(estimator, 'with a custom strip_accents')
  }
  return (document) => {
    const text = lowers ? document.toLowerCase() : document
    if (strip === null) return text
    const plain = text.normalize('NFKD')
    return strip === 'ascii'
      ? plain.replaceAll(/[^\p{ASCII}]/gu, '')
      : plain.replaceAll(COMBINING, '')
  }
}

/** Characters that Python counts as combining: a canonical class other than zero, which marks have. */
const COMBINING = /\p{Mn}|\p{Mc}/gu

function tokenizer(estimator: Attributes): (text: string) => string[] {
  const pattern = pythonPattern(estimator.text('token_pattern', '(?u)\\b\\w\\w+\\b'))
  return (text) => Array.from(text.matchAll(pattern), (match) => match[1] ?? match[0])
}

function readStopWords(estimator: Attributes, value: Pickled | undefined): ReadonlySet<string> {
  if (value === undefined || value === null) return new Set()
  if (value === 'english') return ENGLISH_STOP_WORDS
  if (Array.isArray(value)) return new Set(value.map(String))
  if (value instanceof Set) return new Set([...value].map(String))
  throw unsupported(estimator, 'with these stop words')
}

/** All runs of `least` to `most` words; single words first. */
function wordGrams(words: string[], least: number, most: number): string[] {
  if (most === 1) return words
  const grams = least === 1 ? [...words] : []
  for (let n = Math.max(2, least); n <= Math.min(most, words.length); n++) {
    for (let i = 0; i + n <= words.length; i++) grams.push(words.slice(i, i + n).join(' '))
  }
  return grams
}

const squeeze = (text: string): string => text.replaceAll(/\s\s+/g, ' ')

function charGrams(text: string, least: number, most: number): string[] {
  const characters = Array.from(text)
  const grams: string[] = []
  for (let n = least; n <= Math.min(most, characters.length); n++) {
    for (let i = 0; i + n <= characters.length; i++) grams.push(characters.slice(i, i + n).join(''))
  }
  return grams
}

/** Within words, each padded with a blank on both sides; a short word is itself once. */
function boundedGrams(text: string, least: number, most: number): string[] {
  const grams: string[] = []
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const characters = [' ', ...Array.from(word), ' ']
    for (let n = least; n <= most; n++) {
      grams.push(characters.slice(0, n).join(''))
      for (let i = 1; i + n <= characters.length; i++) {
        grams.push(characters.slice(i, i + n).join(''))
      }
      if (n >= characters.length) break
    }
  }
  return grams
}
