import { STOP_WORDS } from './stop-words.ts'

/** How text becomes words; `separator` is what never lies inside one. */
export type Rules = Readonly<{
  separator: RegExp
  /** The words in a piece of text without separators. */
  wordsOf: (piece: string) => readonly string[]
}>

/** Exactly what the tutorial's worker counts, for ASCII text. */
const classic: Rules = {
  separator: /[=|\t\n\v\f\r ]+/,
  wordsOf: (piece) => {
    const lower = piece.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    if (/^(?:'\{|`|git@|@|https?:)/.test(lower)) return []
    const word = lower.replaceAll(/[!"&()*+,\-./\\:;<=>?[\]^`{|}~]/g, '')
    return word === '' || STOP_WORDS.has(word) ? [] : [word]
  },
}

/** Words of any script, whole: letters, marks and digits with apostrophes and hyphens inside. */
const unicode: Rules = {
  separator: /\s+/,
  wordsOf: (piece) => {
    const text = piece.normalize('NFC').replaceAll('’', "'").toLowerCase()
    const words = UNSPACED.test(text) ? segments(text) : (text.match(WORD) ?? [])
    return words.filter((word) => !STOP_WORDS.has(word))
  },
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+)*/gu
/** Scripts that are written without spaces. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u
const segmenter = new Intl.Segmenter('und', { granularity: 'word' })
const segments = (text: string): string[] =>
  [...segmenter.segment(text)].filter((part) => part.isWordLike).map((part) => part.segment)

export const RULES = { classic, unicode }
