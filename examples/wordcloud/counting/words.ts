import { STOP_WORDS } from './stop-words.ts'

/** How text becomes words. */
export type Rules = Readonly<{
  /** What is between pieces and never inside a word. */
  separator: RegExp
  /** The words in a piece, stop words left out. */
  wordsOf: (piece: string) => readonly string[]
  /** Whether a piece that is longer than any word may be many words all the same. */
  isUnspaced: (piece: string) => boolean
}>

export type Mode = 'classic' | 'unicode'

export const rulesOf = (mode: Mode, stopWords: ReadonlySet<string> = STOP_WORDS): Rules =>
  mode === 'classic' ? classic(stopWords) : unicode(stopWords)

/** What the tutorial's worker counts, for ASCII text. */
const classic = (stopWords: ReadonlySet<string>): Rules => ({
  separator: /[=|\t\n\v\f\r ]+/,
  wordsOf: (piece) => {
    const lower = piece.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
    if (/^(?:'\{|`|git@|@|https?:)/.test(lower)) return []
    const word = lower.replaceAll(/[!"&()*+,\-./\\:;<=>?[\]^`{|}~]/g, '')
    return word === '' || stopWords.has(word) ? [] : [word]
  },
  isUnspaced: () => false,
})

/** Words of any script, whole: letters, marks and digits with apostrophes and hyphens inside. */
const unicode = (stopWords: ReadonlySet<string>): Rules => ({
  separator: NEVER_IN_WORDS,
  wordsOf: (piece) => {
    const text = piece.normalize('NFC').replaceAll('’', "'").replaceAll(/[‐‑]/g, '-').toLowerCase()
    const words = UNSPACED.test(text) ? segments(text) : (text.match(WORD) ?? [])
    return words.filter((word) => !stopWords.has(word))
  },
  isUnspaced: (piece) => UNSPACED.test(piece),
})

// Persian and Indic words have (non-)joiners inside, which emoji have as well: only between letters.
const INNER = String.raw`['’\-‐‑\u200C\u200D]`
const PART = String.raw`[\p{L}\p{M}\p{N}]`
const WORD = new RegExp(`${PART}+(?:${INNER}${PART}+)*`, 'gu')
const NEVER_IN_WORDS = new RegExp(String.raw`[^\p{L}\p{M}\p{N}'’\-‐‑\u200C\u200D]+`, 'u')
/** Scripts that are written without spaces. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const segmenter = new Intl.Segmenter('und', { granularity: 'word' })
const segments = (text: string): string[] =>
  [...segmenter.segment(text)].filter((part) => part.isWordLike).map((part) => part.segment)
