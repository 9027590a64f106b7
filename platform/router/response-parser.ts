import { LIMITS } from './limits.ts'
import { readResponseHead, readTrailers, type Framing, type ResponseHead } from './response-head.ts'

/** What becomes of an answer, in the order in which it arrives. */
export type ResponseSink = Readonly<{
  /** A 1xx answer before the real one. */
  interim: (head: ResponseHead) => void
  head: (head: ResponseHead) => void
  body: (chunk: Uint8Array) => void
  /** @param last rest of the body, @param trailers name and value alternate */
  end: (last: Uint8Array | undefined, trailers: readonly string[]) => void
}>

/** An answer that is not HTTP (H17), or larger than allowed (H25). */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse'
  readonly code: 'H17' | 'H25'

  constructor(code: 'H17' | 'H25', message: string) {
    super(message)
    this.code = code
  }
}

type State = 'idle' | 'head' | 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'to-close'

/**
 * Reads the answers on one connection to an app, in pieces of any size.
 *
 * Strict: lines end with CR LF, lengths are plain numbers, nothing follows an answer that no one
 * asked for. What is let through here is read by the client's parser, and both must agree.
 *
 * @see RFC 9112
 */
export class ResponseParser {
  readonly #sink: ResponseSink
  #state: State = 'idle'
  #method = 'GET'
  /** Bytes of an unfinished head or line. */
  #rest: Buffer | undefined
  /** Bytes that are still to come of the body or chunk. */
  #left = 0
  #interim = 0

  constructor(sink: ResponseSink) {
    this.#sink = sink
  }

  /** The next answer belongs to a request with this method. */
  start(method: string): void {
    this.#method = method
    this.#state = 'head'
    this.#interim = 0
  }

  /** @throws MalformedResponse */
  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = undefined
    let at = 0
    while (at < bytes.length) {
      const next = this.#step(bytes, at)
      if (next === undefined) {
        this.#rest = bytes.subarray(at)
        return
      }
      at = next
    }
  }

  /**
   * The app closed its side. Returns whether that was the regular end of an answer, an answer cut
   * short, or none at all.
   */
  close(): 'complete' | 'cut' | 'none' {
    const state = this.#state
    this.#state = 'idle'
    if (state === 'to-close') this.#sink.end(undefined, [])
    if (state === 'to-close' || state === 'idle') return 'complete'
    return state === 'head' ? 'none' : 'cut'
  }

  /** Consumes from `at` on; undefined when more bytes are needed. */
  #step(bytes: Buffer, at: number): number | undefined {
    switch (this.#state) {
      case 'idle':
        throw new MalformedResponse('H17', 'bytes that no request asked for')
      case 'head':
        return this.#head(bytes, at)
      case 'length':
        return this.#length(bytes, at)
      case 'size':
        return this.#size(bytes, at)
      case 'chunk':
        return this.#chunk(bytes, at)
      case 'chunk-end':
        return this.#chunkEnd(bytes, at)
      case 'trailers':
        return this.#trailers(bytes, at)
      case 'to-close':
        this.#sink.body(bytes.subarray(at))
        return bytes.length
    }
  }

  #head(bytes: Buffer, at: number): number | undefined {
    const end = bytes.indexOf('\r\n\r\n', at, 'latin1')
    if ((end === -1 ? bytes.length : end) - at > LIMITS.responseHeadBytesMax) {
      throw new MalformedResponse('H25', 'the head of the answer is too large')
    }
    if (end === -1) return undefined
    const head = readResponseHead(bytes.toString('latin1', at, end), this.#method)
    if (typeof head === 'string') throw new MalformedResponse('H17', head)
    if (head.status < 200 && head.status !== 101) this.#countInterim(head)
    else this.#begin(head, head.framing)
    return end + 4
  }

  #countInterim(head: ResponseHead): void {
    this.#interim++
    if (this.#interim > LIMITS.interimResponsesMax) {
      throw new MalformedResponse('H25', 'too many interim answers')
    }
    this.#sink.interim(head)
  }

  #begin(head: ResponseHead, framing: Framing): void {
    this.#left = framing.kind === 'length' ? framing.bytes : 0
    const states = {
      none: 'idle',
      length: 'length',
      chunked: 'size',
      'to-close': 'to-close',
    } as const
    this.#state = this.#left === 0 && framing.kind === 'length' ? 'idle' : states[framing.kind]
    const over = this.#state === 'idle'
    this.#sink.head(head)
    if (over) this.#sink.end(undefined, [])
  }

  #length(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left)
    const piece = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end)
    this.#left -= end - at
    if (this.#left > 0) {
      this.#sink.body(piece)
    } else {
      this.#state = 'idle'
      this.#sink.end(piece, [])
    }
    return end
  }

  #size(bytes: Buffer, at: number): number | undefined {
    const end = lineEnd(bytes, at)
    if (end === undefined) return undefined
    const size = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(bytes.toString('latin1', at, end))?.[1]
    if (size === undefined) throw new MalformedResponse('H17', 'a chunk size is not a number')
    this.#left = Number.parseInt(size, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'chunk'
    return end + 2
  }

  #chunk(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    if (this.#left === 0) this.#state = 'chunk-end'
    this.#sink.body(bytes.subarray(at, end))
    return end
  }

  #chunkEnd(bytes: Buffer, at: number): number | undefined {
    if (bytes.length - at < 2) return undefined
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) {
      throw new MalformedResponse('H17', 'a chunk is longer than its size')
    }
    this.#state = 'size'
    return at + 2
  }

  #trailers(bytes: Buffer, at: number): number | undefined {
    const none = bytes[at] === 0x0d && bytes[at + 1] === 0x0a
    const end = none ? at : bytes.indexOf('\r\n\r\n', at, 'latin1')
    if (end === -1) {
      if (bytes.length - at <= LIMITS.responseHeadBytesMax) return undefined
      throw new MalformedResponse('H25', 'the trailers are too large')
    }
    const trailers = none ? [] : readTrailers(bytes.toString('latin1', at, end))
    if (typeof trailers === 'string') throw new MalformedResponse('H17', trailers)
    this.#state = 'idle'
    this.#sink.end(undefined, trailers)
    return end + (none ? 2 : 4)
  }
}

/** Index of the CR LF that ends a line of a chunked body. */
function lineEnd(bytes: Buffer, at: number): number | undefined {
  const end = bytes.indexOf('\r\n', at, 'latin1')
  if ((end === -1 ? bytes.length : end) - at > CHUNK_LINE_BYTES_MAX) {
    throw new MalformedResponse('H17', 'a chunk size is too long')
  }
  return end === -1 ? undefined : end
}

/** Size and extensions, which no one uses. */
const CHUNK_LINE_BYTES_MAX = 1024
