import { s3Problem } from './problems.ts'
import {
  chunkStringToSign,
  sameSignature,
  sign,
  trailerStringToSign,
  type Scope,
} from './signature-v4.ts'

/**
 * The `aws-chunked` encoding, in which S3 clients stream bodies whose digest they do not know yet.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */

/** What it takes to check the signature of each chunk; absent for unsigned chunks. */
export type ChunkSigning = Readonly<{
  time: string
  scope: Scope
  key: Buffer
  /** The signature in the Authorization header, with which the chain begins. */
  seed: string
}>

/** The headers behind the last chunk. */
export type Trailers = Readonly<{
  /** Names in `x-amz-trailer`, in lower case: these must come, and no others. */
  announced: readonly string[]
  onTrailer: (name: string, value: string) => void
}>

/**
 * The payload inside of an `aws-chunked` body, chunk by chunk, each checked before it is passed on.
 *
 * @throws Problem `incomplete_body`, `invalid_request`, `signature_mismatch`, `malformed_trailer`
 */
export async function* decodeChunks(
  body: AsyncIterable<Uint8Array>,
  signing: ChunkSigning | undefined,
  trailers: Trailers,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(body)
  let previous = signing?.seed ?? ''
  while (true) {
    const { size, signature } = parseChunkHead(await reader.line(), signing !== undefined)
    if (signing === undefined) {
      yield* reader.bytes(size)
    } else {
      const data = await reader.block(size)
      const expected = sign(
        signing.key,
        chunkStringToSign(signing.time, signing.scope, previous, data),
      )
      if (!sameSignature(signature ?? '', expected)) throw mismatch('a chunk')
      previous = expected
      if (size > 0) yield data
    }
    if (size === 0) break
    if ((await reader.line()) !== '')
      throw s3Problem('invalid_request', 'A chunk is longer than it says.')
  }
  await readTrailers(reader, signing, previous, trailers)
}

function parseChunkHead(line: string, isSigned: boolean) {
  const match = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line)
  const size = Number.parseInt(match?.[1] ?? '', 16)
  if (match === null || (isSigned && size > SIGNED_CHUNK_BYTES_MAX)) {
    throw s3Problem(
      'invalid_request',
      `"${line.slice(0, 80)}" is not the head of a chunk, which may have up to 16 MiB if it is signed.`,
    )
  }
  return { size, signature: match[2] }
}

/** A signed chunk must be held whole before it can be trusted; clients send 64 KiB to 1 MiB. */
const SIGNED_CHUNK_BYTES_MAX = 16 * 1024 * 1024

async function readTrailers(
  reader: ByteReader,
  signing: ChunkSigning | undefined,
  previous: string,
  trailers: Trailers,
): Promise<void> {
  const missing = new Set(trailers.announced)
  let signed = ''
  let signature: string | undefined
  for (let line = await reader.lineOrEnd(); line !== ''; line = await reader.lineOrEnd()) {
    const at = line.indexOf(':')
    const name = line.slice(0, Math.max(0, at)).trim().toLowerCase()
    const value = line.slice(at + 1).trim()
    if (name === 'x-amz-trailer-signature') {
      signature = value
      continue
    }
    if (!missing.delete(name)) throw badTrailer(`${name.slice(0, 80)} was not announced.`)
    signed += `${name}:${value}\n`
    trailers.onTrailer(name, value)
  }
  if (missing.size > 0) throw badTrailer(`${[...missing].join(', ')} did not come.`)
  if (!(await reader.isAtEnd())) throw badTrailer('Something follows it.')
  if (signing === undefined || trailers.announced.length === 0) return
  const expected = sign(
    signing.key,
    trailerStringToSign(signing.time, signing.scope, previous, signed),
  )
  if (!sameSignature(signature ?? '', expected)) throw mismatch('the trailing headers')
}

const badTrailer = (why: string) =>
  s3Problem('malformed_trailer', `The trailer is not what was announced: ${why}`)

const mismatch = (what: string) =>
  s3Problem('signature_mismatch', `The signature of ${what} does not match.`)

const NOTHING = Buffer.alloc(0)

/** Lines and counted bytes out of a stream of arbitrary pieces. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Buffer = NOTHING

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** The next line, without its CR LF. */
  async line(): Promise<string> {
    const line = await this.#readLine()
    if (line === undefined)
      throw s3Problem('incomplete_body', 'The body ends in the middle of a chunk.')
    return line
  }

  /** As `line`, but the end of the body counts as an empty one: some clients leave out the last. */
  async lineOrEnd(): Promise<string> {
    return (await this.#readLine()) ?? ''
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#rest.length === 0) if (!(await this.#fill())) return true
    return false
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0 && !(await this.#fill())) {
        throw s3Problem('incomplete_body', `The body ends ${left} bytes before its chunk does.`)
      }
      const piece = this.#rest.subarray(0, left)
      // The memory goes with the piece.
      this.#rest = piece.length === this.#rest.length ? NOTHING : this.#rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  async block(count: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of this.bytes(count)) pieces.push(piece)
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
  }

  async #readLine(): Promise<string | undefined> {
    let end = this.#rest.indexOf('\r\n')
    while (end < 0) {
      if (this.#rest.length > LINE_BYTES_MAX)
        throw s3Problem('invalid_request', 'A line of the body is too long.')
      if (!(await this.#fill())) return undefined
      end = this.#rest.indexOf('\r\n')
    }
    const line = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + 2)
    return line
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#source.next()
    if (done === true) return false
    this.#rest =
      this.#rest.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.length)
        : Buffer.concat([this.#rest, value])
    return true
  }
}

/** Chunk heads and checksum trailers are short. */
const LINE_BYTES_MAX = 8192
