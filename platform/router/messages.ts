import type { RouterTable } from './contract.ts'

/** What the control plane says to the router, one JSON object a line. */
export type ToRouter =
  | Readonly<{ type: 'table'; table: RouterTable }>
  | Readonly<{ type: 'drain'; id: number; instanceIds: readonly string[]; timeoutMs: number }>

/** What the router says to the control plane. */
export type ToPlane =
  /** First of all: the version that it has in use. */
  | Readonly<{ type: 'hello'; version: number }>
  /** This table, or a newer one, is on disk and in use. */
  | Readonly<{ type: 'applied'; version: number }>
  | Readonly<{ type: 'drained'; id: number }>
  | Readonly<{ type: 'wake'; appId: string }>
  | Readonly<{ type: 'activity'; appIds: readonly string[] }>

export const encode = (message: ToRouter | ToPlane): string => `${JSON.stringify(message)}\n`

/**
 * Cuts a stream of bytes into messages, wherever the pieces of it end.
 *
 * @throws SyntaxError for a line that is not JSON, RangeError for one that is too long: either
 * means that the other side is not ours, and the connection should end
 */
export class MessageReader<Message> {
  #rest: Buffer[] = []
  #restBytes = 0

  push(chunk: Buffer): Message[] {
    const messages: Message[] = []
    let at = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, at)) {
      const line = Buffer.concat([...this.#rest.splice(0), chunk.subarray(at, end)])
      this.#restBytes = 0
      messages.push(JSON.parse(line.toString('utf8')) as Message)
      at = end + 1
    }
    if (at < chunk.length) this.#rest.push(chunk.subarray(at))
    this.#restBytes += chunk.length - at
    if (this.#restBytes > MESSAGE_BYTES_MAX) throw new RangeError('a message is too long')
    return messages
  }
}

const LINE_FEED = 0x0a

/** A table of ten thousand apps with their own certificates has some 40 MB. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024
