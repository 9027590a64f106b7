import type { Rules } from './words.ts'

export type Counts = Readonly<{
  /** Most frequent first; equal ones by code point. */
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
  #pieces = new Map<string, number>()
  #words = new Map<string, number>()
  #rest = ''
  #total = 0
  #approximate = false

  constructor(rules: Rules) {
    this.#rules = rules
  }

  add(text: string): void {
    const pieces = (this.#rest + text).split(this.#rules.separator)
    this.#rest = pieces.pop() ?? ''
    for (const piece of pieces) this.#count(piece)
    if (this.#rest.length > PIECE_LENGTH_MAX) {
      // One endless line: it is no word, and must not fill the memory.
      this.#count(this.#rest)
      this.#rest = ''
    }
    if (this.#pieces.size > PIECES_MAX) this.#fold()
  }

  end(topMax: number): Counts {
    this.#count(this.#rest)
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

  #count(piece: string): void {
    if (piece === '') return
    this.#pieces.set(piece, (this.#pieces.get(piece) ?? 0) + 1)
  }

  #fold(): void {
    for (const [piece, count] of this.#pieces) {
      for (const word of this.#rules.wordsOf(piece)) {
        if (word.length > WORD_LENGTH_MAX) continue
        this.#words.set(word, (this.#words.get(word) ?? 0) + count)
        this.#total += count
      }
    }
    this.#pieces = new Map()
    for (let limit = 1; this.#words.size > WORDS_MAX; limit *= 2) this.#forget(limit)
  }

  #forget(limit: number): void {
    this.#approximate = true
    for (const [word, count] of this.#words) if (count <= limit) this.#words.delete(word)
  }
}

const PIECES_MAX = 50_000
const WORDS_MAX = 300_000
const PIECE_LENGTH_MAX = 64 * 1024
/** Longer than any word of a language; such pieces are data. */
const WORD_LENGTH_MAX = 200
