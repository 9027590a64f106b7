/** Complete log lines, each ended by a line feed, and how many bytes of the input they took. */
export type Lines = Readonly<{ text: Buffer; count: number; consumed: number }>

/**
 * Cuts bytes into log lines of at most 10,000 bytes; bytes that are not UTF-8 stay as they are. A
 * line without its end waits for the rest, unless this is the end of the output.
 *
 * @returns lines whose text may be part of `bytes`: copy it before you write into `bytes` again
 */
export function splitLines(bytes: Buffer, atEnd = false): Lines {
  let start = 0
  let count = 0
  let asIs = true
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    if (end - start > LINE_BYTES_MAX || (end > start && bytes[end - 1] === CR)) asIs = false
    count++
    start = end + 1
  }
  const rest = bytes.length - start
  const restIsDue = rest > LINE_BYTES_MAX + 1 || (atEnd && rest > 0)
  if (asIs && !restIsDue) return { text: bytes.subarray(0, start), count, consumed: start }
  return cutLines(bytes, atEnd)
}

/** As on Heroku; longer lines continue in the next one. */
const LINE_BYTES_MAX = 10_000
const LF = 10
const CR = 13

function cutLines(bytes: Buffer, atEnd: boolean): Lines {
  const pieces: Buffer[] = []
  const add = (from: number, to: number): void => {
    pieces.push(bytes.subarray(from, to), LINE_END)
  }
  let start = 0
  for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
    const textEnd = end > start && bytes[end - 1] === CR ? end - 1 : end
    add(cutLong(bytes, start, textEnd, LINE_BYTES_MAX, add), textEnd)
    start = end + 1
  }
  // One byte more than a line may be half of CR LF, so it is not yet too long.
  start = cutLong(bytes, start, bytes.length, LINE_BYTES_MAX + 1, add)
  if (atEnd && start < bytes.length) {
    start = cutLong(bytes, start, bytes.length, LINE_BYTES_MAX, add)
    add(start, bytes.length)
    start = bytes.length
  }
  return { text: Buffer.concat(pieces), count: pieces.length / 2, consumed: start }
}

const LINE_END = Buffer.of(LF)

/** Adds full lines while more than `longest` bytes remain; returns where the remainder starts. */
function cutLong(
  bytes: Buffer,
  from: number,
  to: number,
  longest: number,
  add: (from: number, to: number) => void,
): number {
  let start = from
  while (to - start > longest) {
    const end = characterStart(bytes, start + LINE_BYTES_MAX)
    add(start, end)
    start = end
  }
  return start
}

/** `at`, or up to three bytes before it, so that no UTF-8 character is cut in two. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at
  while (at - start < 3 && isContinuation(bytes[start])) start--
  return isContinuation(bytes[start]) ? at : start
}

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000
