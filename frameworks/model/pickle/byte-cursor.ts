import { problem } from '../problems.ts'

/** Reads a file from front to back; every length is checked before a byte is touched. */
export class ByteCursor {
  readonly bytes: Uint8Array
  at: number
  readonly #view: DataView
  readonly #text: Buffer

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** A view, not a copy, of the next `length` bytes. */
  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.bytes.subarray(start, start + length)
  }

  text(length: number, encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const start = this.#advance(length)
    return this.#text.toString(encoding, start, start + length)
  }

  /** Text up to the next line feed, which is skipped. */
  line(): string {
    const end = this.bytes.indexOf(LINE_FEED, this.at)
    if (end < 0 || end - this.at > LINE_BYTES_MAX) throw truncated(this.at)
    const text = this.text(end - this.at)
    this.at += 1
    return text
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  /** An eight-byte length; above 2^53 it cannot be in the file, so precision does not matter. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true))
  }

  /** Big-endian, as pickle writes floats. */
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false)
  }

  #advance(length: number): number {
    if (!(length >= 0 && length <= this.bytes.length - this.at)) throw truncated(this.at)
    const start = this.at
    this.at += length
    return start
  }
}

const LINE_FEED = 0x0a
/** GLOBAL names a module and a class on a line each; real ones have less than 100 characters. */
const LINE_BYTES_MAX = 1000

const truncated = (at: number): Error =>
  problem('pickle_invalid', `The pickle ends in the middle of a value, near byte ${at}.`, {
    hint: 'The file is damaged or was not copied whole: copy it again.',
  })
