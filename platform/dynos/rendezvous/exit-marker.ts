/**
 * Cuts output into pieces such that the CLI sees its exit marker whole: `heroku run -x` matches it
 * within one piece of data. What stands before it goes out first, then the marker's line alone.
 */
export class ExitMarkerGuard {
  #kept: Buffer = Buffer.alloc(0)

  /** @returns pieces to send, each by itself; the last bytes may be kept back */
  push(chunk: Uint8Array): Buffer[] {
    const data = Buffer.concat([this.#kept, chunk])
    const start = markerStart(data)
    if (start === -1) {
      this.#kept = Buffer.alloc(0)
      return notEmpty([data])
    }
    const lineEnd = data.indexOf('\n', start)
    if (lineEnd === -1 && data.length - start <= LINE_BYTES_MAX) {
      this.#kept = data.subarray(start)
      return notEmpty([data.subarray(0, start)])
    }
    const end = lineEnd === -1 ? data.length : lineEnd + 1
    this.#kept = Buffer.alloc(0)
    return notEmpty([
      data.subarray(0, start),
      data.subarray(start, end),
      ...this.push(data.subarray(end)),
    ])
  }

  /** The program has ended: what was kept back. */
  end(): Buffer[] {
    return notEmpty([this.#kept])
  }
}

/** Whether a piece is the marker's line, or what looks like it. */
export const isExitMarker = (piece: Buffer): boolean =>
  piece.subarray(0, MARKER.length).equals(MARKER)

const MARKER = Buffer.from('\uffff heroku-command-exit-status: ')
/** The marker and an exit status; anything longer is not ours. */
const LINE_BYTES_MAX = MARKER.length + 16

/** Where the marker, or the beginning of one at the very end, starts; -1 if there is none. */
function markerStart(data: Buffer): number {
  const whole = data.indexOf(MARKER)
  if (whole !== -1) return whole
  for (let length = Math.min(MARKER.length - 1, data.length); length > 0; length--) {
    const start = data.length - length
    if (data.subarray(start).equals(MARKER.subarray(0, length))) return start
  }
  return -1
}

const notEmpty = (pieces: Buffer[]): Buffer[] => pieces.filter((piece) => piece.length > 0)
