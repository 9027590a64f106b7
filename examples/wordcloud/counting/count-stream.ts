import { TextDecoder } from 'node:util'
import { Counter, type Counts } from './counter.ts'
import type { Rules } from './words.ts'

/** A file that cannot be counted. */
export class NotText extends Error {}

export type FileCounts = Counts &
  Readonly<{
    bytes: number
    /** How many places could not be read in the file's encoding. */
    unreadable: number
  }>

/**
 * Counts a whole file as it comes. UTF-8 unless a byte order mark says UTF-16; bytes that are
 * neither become U+FFFD, which is not part of a word, and are reported.
 *
 * @param wordsKept how many of the most frequent words come back
 * @throws NotText for what looks binary
 */
export async function countStream(
  body: AsyncIterable<Uint8Array>,
  rules: Rules,
  wordsKept: number,
  onProgress: (bytes: number) => void = () => {},
): Promise<FileCounts> {
  const counter = new Counter(rules)
  let decoder: TextDecoder | undefined
  let start = Buffer.alloc(0)
  let bytes = 0
  let unreadable = 0
  const count = (text: string): void => {
    unreadable += timesIn(text, '\uFFFD')
    counter.add(text)
  }
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes - chunk.length < LOOK_BYTES) checkIsText(start, chunk, decoder)
    if (decoder === undefined) {
      start = Buffer.concat([start, chunk])
      if (start.length < MARK_BYTES) continue
      decoder = decoderFor(start)
      count(decoder.decode(start, { stream: true }))
    } else {
      count(decoder.decode(chunk, { stream: true }))
    }
    onProgress(bytes)
  }
  count((decoder ?? new TextDecoder()).decode(decoder === undefined ? start : undefined))
  return { ...counter.end(wordsKept), bytes, unreadable }
}

function decoderFor(start: Uint8Array): TextDecoder {
  return new TextDecoder(encodingOf(start))
}

const encodingOf = ([first, second]: Uint8Array): string =>
  first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'

/** The byte order mark of UTF-16. */
const MARK_BYTES = 2

function checkIsText(start: Uint8Array, chunk: Uint8Array, decoder: TextDecoder | undefined): void {
  const encoding = decoder?.encoding ?? encodingOf(Buffer.concat([start, chunk]))
  if (encoding !== 'utf-8' || !chunk.subarray(0, LOOK_BYTES).includes(0)) return
  throw new NotText('This is not a text file: it has NUL bytes.')
}

const LOOK_BYTES = 64 * 1024

function timesIn(text: string, character: string): number {
  let times = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) times++
  return times
}
