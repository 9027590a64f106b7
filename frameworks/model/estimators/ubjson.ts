import { problem } from '../problems.ts'

/** A value of Universal Binary JSON. Arrays of numbers stay arrays of numbers. */
export type Ubjson = null | boolean | number | string | Ubjson[] | { [key: string]: Ubjson }

/**
 * Reads Universal Binary JSON as XGBoost writes it.
 *
 * @throws Problem `pickle_invalid` for bytes that are none, `pickle_too_large` for deep nesting
 * @see https://ubjson.org and XGBoost's src/common/json.cc
 */
export function readUbjson(bytes: Uint8Array): Ubjson {
  return new Reader(bytes).value(0)
}

/** Deeper than any model. */
const DEPTH_MAX = 100

class Reader {
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  value(depth: number): Ubjson {
    if (depth > DEPTH_MAX) throw problem('pickle_too_large', 'The booster is nested too deeply.')
    const mark = this.#mark()
    if (mark === '{') return this.#object(depth)
    if (mark === '[') return this.#array(depth)
    return this.#scalar(mark)
  }

  #object(depth: number): Ubjson {
    const entries: [string, Ubjson][] = []
    while (this.#peek() !== '}') {
      const key = this.#text()
      entries.push([key, this.value(depth + 1)])
    }
    this.#at++
    return Object.fromEntries(entries)
  }

  #array(depth: number): Ubjson {
    const type = this.#peek() === '$' ? (this.#at++, this.#mark()) : undefined
    if (this.#peek() === '#') {
      this.#at++
      const count = this.#integer()
      // Even one byte an element would not fit.
      if (!(count >= 0 && count <= this.#bytes.length)) throw cut()
      return Array.from({ length: count }, () =>
        type === undefined ? this.value(depth + 1) : this.#scalar(type),
      )
    }
    const items: Ubjson[] = []
    while (this.#peek() !== ']') items.push(this.value(depth + 1))
    this.#at++
    return items
  }

  #scalar(mark: string): Ubjson {
    if (mark === 'Z') return null
    if (mark === 'T' || mark === 'F') return mark === 'T'
    if (mark === 'S') return this.#text()
    const size = SIZES[mark]
    if (size === undefined)
      throw problem('pickle_invalid', `The booster has an unknown mark ${mark}.`)
    const at = this.#take(size)
    switch (mark) {
      case 'i':
        return this.#view.getInt8(at)
      case 'U':
        return this.#view.getUint8(at)
      case 'I':
        return this.#view.getInt16(at)
      case 'l':
        return this.#view.getInt32(at)
      case 'L':
        return Number(this.#view.getBigInt64(at))
      case 'd':
        return this.#view.getFloat32(at)
      default:
        return this.#view.getFloat64(at)
    }
  }

  #integer(): number {
    const value = this.#scalar(this.#mark())
    return typeof value === 'number' ? value : -1
  }

  #text(): string {
    const length = this.#integer()
    if (!(length >= 0)) throw cut()
    const at = this.#take(length)
    return new TextDecoder().decode(this.#bytes.slice(at, at + length))
  }

  #mark(): string {
    return String.fromCharCode(this.#bytes[this.#take(1)]!)
  }

  #peek(): string {
    if (this.#at >= this.#bytes.length) throw cut()
    return String.fromCharCode(this.#bytes[this.#at]!)
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) throw cut()
    this.#at += count
    return at
  }
}

const SIZES: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 }

const cut = (): Error => problem('pickle_invalid', 'The booster ends in the middle.')
