import { TextDecoder } from 'node:util'
import { Counter, type Counts } from './counter.ts'
import { RULES } from './words.ts'

/** A file that cannot be counted, whatever one tries. */
export class NotText extends Error {}

/**
 * Counts a whole file as it comes. UTF-8 unless a byte order mark says UTF-16; bytes that are
 * neither become U+FFFD, which is no part of a word.
 *
 * @throws NotText for what looks binary
 */
export async function countStream(
  body: AsyncIterable<Uint8Array>,
  mode: keyof typeof RULES,
  onProgress: (bytes: number) => void,
): Promise<Counts & { bytes: number }> {
  const counter = new Counter(RULES[mode])
  let decoder: TextDecoder | undefined
  let bytes = 0
  for await (const chunk of body) {
    decoder ??= decoderFor(chunk)
    bytes += chunk.length
    counter.add(decoder.decode(chunk, { stream: true }))
    onProgress(bytes)
  }
  if (decoder !== undefined) counter.add(decoder.decode())
  return { ...counter.end(WORDS_KEPT), bytes }
}

/** As many as the tutorial keeps. */
const WORDS_KEPT = 100

function decoderFor(start: Uint8Array): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le')
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be')
  if (start.subarray(0, LOOK_BYTES).includes(0)) {
    throw new NotText('This is not a text file: it has NUL bytes.')
  }
  return new TextDecoder('utf-8')
}

const LOOK_BYTES = 64 * 1024
