import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { lookup } from 'node:dns'

/**
 * Posts feedback events, without anyone waiting; what fails is logged. `*.localhost` is this
 * machine, although resolvers do not know it.
 */
export class EventPoster {
  readonly #url: URL
  readonly #log: (message: string) => void
  #inFlight = 0

  constructor(url: URL, log: (message: string) => void) {
    this.#url = url
    this.#log = log
  }

  post(event: object): void {
    // A slow event server must not pile up requests here: predictions matter more than their record.
    if (this.#inFlight >= IN_FLIGHT_MAX) {
      this.#log('Feedback event dropped: the event server does not keep up.')
      return
    }
    this.#inFlight += 1
    const data = JSON.stringify(event)
    send(this.#url, data)
      .then((status) => {
        if (status !== 201)
          this.#log(`Feedback event failed. Status code: ${status}.Data: ${data}.`)
      })
      .catch((error: unknown) => this.#log(`Feedback event failed. ${String(error)}`))
      .finally(() => {
        this.#inFlight -= 1
      })
  }
}

const IN_FLIGHT_MAX = 100
const TIMEOUT_MS = 10_000

function send(url: URL, data: string): Promise<number> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) },
        timeout: TIMEOUT_MS,
        lookup: lookUp,
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
        response.on('error', reject)
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    sent.on('error', reject)
    sent.end(data)
  })
}

const lookUp: LookupFunction = (hostname, options, done) =>
  lookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, options, done)
