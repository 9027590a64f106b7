import type { Rules } from './words.ts'

export type Counts = Readonly<{
  /** Most frequent first; equal ones by code unit. */
  top: readonly (readonly [word: string, count: number])[]
  totalWords: number
  distinctWords: number
  /** Some rare words were forgotten on the way: counts may be a little low. */
  approximate: boolean
}>

/**
 * Counts words of a text that comes in chunks, in bounded memory. Pieces between separators are
 * counted as they stand; the rules look at each different piece once, not at each occurrence.
 */
export class Counter {
  readonly #rules: Rules
  #pieces = new Map<string, { count: number }>()
  #piecesLength = 0
  #words = new Map<string, number>()
  #wordsLength = 0
  /** The piece at the end of the last chunk, which may continue in the next. */
  #rest = ''
  /** In the middle of a piece that is too long for a word. */
  #isSkipping = false
  #total = 0
  #approximate = false

  constructor(rules: Rules) {
    this.#rules = rules
  }

  add(text: string): void {
    const pieces = (this.#rest + text).split(this.#rules.separator)
    this.#rest = pieces.pop() ?? ''
    if (this.#isSkipping && pieces.length > 0) {
      pieces.shift()
      this.#isSkipping = false
    }
    for (const piece of pieces) this.#count(piece)
    if (this.#rest.length > WORD_LENGTH_MAX) this.#endRest()
    if (this.#pieces.size > PIECES_MAX || this.#piecesLength > PIECES_LENGTH_MAX) this.#fold()
  }

  end(topMax: number): Counts {
    if (!this.#isSkipping) this.#count(this.#rest)
    this.#rest = ''
    this.#fold()
    const top = [...this.#words]
      .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : a > b ? 1 : 0))
      .slice(0, topMax)
    return {
      top,
      totalWords: this.#total,
      distinctWords: this.#words.size,
      approximate: this.#approximate,
    }
  }

  /** One endless line must not fill the memory. */
  #endRest(): void {
    if (this.#isSkipping) this.#rest = ''
    else if (this.#rules.isUnspaced(this.#rest)) {
      if (this.#rest.length < UNSPACED_LENGTH_MAX) return
      this.#count(this.#rest)
      this.#rest = ''
    } else if (this.#rest.length > LENGTH_WITH_PUNCTUATION_MAX) {
      this.#isSkipping = true
      this.#rest = ''
    }
  }

  #count(piece: string): void {
    const known = this.#pieces.get(piece)
    if (known !== undefined) known.count++
    else if (piece !== '') {
      this.#pieces.set(ownCopy(piece), { count: 1 })
      this.#piecesLength += piece.length
    }
  }

  #fold(): void {
    for (const [piece, { count }] of this.#pieces) {
      for (const word of this.#rules.wordsOf(piece)) {
        if (word.length > WORD_LENGTH_MAX) continue
        const known = this.#words.get(word)
        if (known === undefined) this.#wordsLength += word.length
        this.#words.set(known === undefined ? ownCopy(word) : word, (known ?? 0) + count)
        this.#total += count
      }
    }
    this.#pieces = new Map()
    this.#piecesLength = 0
    for (let limit = 1; this.#hasTooManyWords(); limit *= 2) this.#forget(limit)
  }

  #hasTooManyWords(): boolean {
    return this.#words.size > WORDS_MAX || this.#wordsLength > WORDS_LENGTH_MAX
  }

  #forget(limit: number): void {
    this.#approximate = true
    for (const [word, count] of this.#words) {
      if (count > limit) continue
      this.#words.delete(word)
      this.#wordsLength -= word.length
    }
  }
}

/** A part of a string keeps the whole of it in memory: here, a chunk of the file for a word. */
const ownCopy = (part: string): string =>
  part.length < SHARED_LENGTH_MIN ? part : ` ${part}`.slice(1)

/** Shorter parts are always copies in V8. */
const SHARED_LENGTH_MIN = 13

const PIECES_MAX = 25_000
const PIECES_LENGTH_MAX = 2 * 1024 * 1024
const WORDS_MAX = 100_000
const WORDS_LENGTH_MAX = 4 * 1024 * 1024
/** Longer than any word of a language; what is longer is data. */
const WORD_LENGTH_MAX = 1000
/** A piece may be a word and much punctuation. */
const LENGTH_WITH_PUNCTUATION_MAX = 64 * 1024
/** Text without spaces nor punctuation is cut here, perhaps within a word. */
const UNSPACED_LENGTH_MAX = 16 * 1024
