import type { FastifyRequest } from '@hokku/kit/http'
import type { Config } from '../config.ts'
import { problem } from '../problems.ts'

/**
 * Lets only the owner pass: a client with the token, which was checked before, or, where none
 * is set, a client on this machine.
 *
 * @throws Problem `token_unset`
 */
export function requireOwner(request: FastifyRequest, { token, host }: Config): void {
  if (token !== undefined) return
  if (LOOPBACK.has(host) && isOwnPage(request)) return
  throw problem('token_unset', 'Versions can be changed only where MODEL_TOKEN is set.', {
    hint: 'heroku config:set MODEL_TOKEN=$(openssl rand -hex 16)',
  })
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '[::1]', 'localhost'])

/** Not a page of another site in the browser of someone here, nor a name that leads here by trick. */
function isOwnPage({ headers, host }: FastifyRequest): boolean {
  const name = host.replace(/:\d+$/, '')
  const isFromHere = headers.origin === undefined || headers.origin === `http://${host}`
  return isFromHere && (LOOPBACK.has(name) || name.endsWith('.localhost'))
}
