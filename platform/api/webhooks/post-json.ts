import { lookup } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'

export type Post = Readonly<{
  body: string
  headers: Readonly<Record<string, string>>
  /** PEM of the authorities that are trusted. */
  ca: string
}>

/**
 * Posts to a receiver and waits for its answer, whose body is of no interest. Not by `fetch`: names
 * below `localhost`, where apps of this machine live, are known to browsers only.
 *
 * @returns the status of the answer; redirections are not followed
 */
export function postJson(address: string, { body, headers, ca }: Post): Promise<number> {
  const url = new URL(address)
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    lookup: lookUp,
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:' ? requestHttps(url, { ...options, ca }) : requestHttp(url, options)
    request.once('error', reject)
    request.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.end(body)
  })
}

/** As drains: half a minute. */
const ANSWER_MS_MAX = 30_000

const lookUp: LookupFunction = (hostname, options, callback) => {
  const name = hostname.endsWith('.localhost') ? '127.0.0.1' : hostname
  lookup(name, options, callback)
}
