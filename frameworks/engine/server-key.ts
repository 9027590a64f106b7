import { hash, timingSafeEqual } from 'node:crypto'
import { problem } from './problems.ts'

/**
 * Checks the `accessKey` of a query string against the server's own, if it has one.
 *
 * @throws Problem `access_denied`
 */
export function checkServerKey(query: unknown, serverKey: string | undefined): void {
  if (serverKey === undefined) return
  const { accessKey } = query as { accessKey?: unknown }
  // Hashes have one length, so that comparing takes the same time for any input.
  const given = hash('sha256', typeof accessKey === 'string' ? accessKey : '', 'buffer')
  if (timingSafeEqual(given, hash('sha256', serverKey, 'buffer'))) return
  throw problem('access_denied', 'Invalid accessKey.')
}
