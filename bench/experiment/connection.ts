import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type Answer = Readonly<{ status: number; text: string }>

/**
 * One kept connection to a server, one request at a time. Node's own client costs more than a fast
 * server's answer; on a machine that both share it would be the client that is measured.
 */
export class Connection {
  readonly #base: URL
  #socket: Socket | undefined
  #received = ''
  #waiting: ((answer: Answer) => void) | undefined

  constructor(base: URL) {
    this.#base = base
  }

  /** @param body ASCII. @returns status 0 if no whole answer came */
  async ask(method: string, path: string, body?: string, type = ''): Promise<Answer> {
    const socket = (this.#socket ??= await this.#open())
    return new Promise((resolve) => {
      this.#waiting = resolve
      const content =
        body === undefined
          ? '\r\n'
          : `content-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#base.host}\r\nuser-agent: ${CHROME}\r\n${content}`,
        'latin1',
      )
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  async #open(): Promise<Socket> {
    const socket = connect(Number(this.#base.port), this.#base.hostname)
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk: string) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#end({ status: 0, text: 'the connection was closed' }))
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})
    return socket
  }

  #receive(chunk: string): void {
    this.#received += chunk
    const head = this.#received.indexOf('\r\n\r\n')
    if (head === -1) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#received.slice(0, head))?.[1]
    if (length === undefined) {
      this.#end({ status: 0, text: 'an answer without content-length' })
      return
    }
    const end = head + 4 + Number(length)
    if (this.#received.length < end) return
    const status = Number(this.#received.slice(9, 12))
    const text = this.#received.slice(head + 4, end)
    const isLast = /\r\nconnection: *close/i.test(this.#received.slice(0, head))
    this.#received = ''
    if (isLast) this.#forget()
    this.#end({ status, text })
  }

  #end(answer: Answer): void {
    const resolve = this.#waiting
    this.#waiting = undefined
    if (answer.status === 0) this.#forget()
    resolve?.(answer)
  }

  #forget(): void {
    this.#socket?.removeAllListeners('close').destroy()
    this.#socket = undefined
    this.#received = ''
  }
}

/** As long as a browser waits. */
const TIMEOUT_MS = 60_000

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36'
