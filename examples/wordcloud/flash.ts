import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** A message for the next page that this browser sees, in a cookie that we have signed. */
export const flashCookie = (message: string, secret: string): string => {
  const text = Buffer.from(message.slice(0, MESSAGE_LENGTH_MAX)).toString('base64url')
  return `flash=${text}.${signatureOf(text, secret)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60`
}

/** What takes the message away once it is shown. */
export const flashGone = 'flash=; Path=/; Max-Age=0'

/** @returns undefined if there is none, or it is not ours */
export function flashIn({ headers }: IncomingMessage, secret: string): string | undefined {
  const match = /(?:^|;\s*)flash=([\w-]+)\.([\w-]+)/.exec(headers.cookie ?? '')
  if (match === null) return undefined
  const [, text = '', signature = ''] = match
  const expected = Buffer.from(signatureOf(text, secret))
  const given = Buffer.from(signature)
  const isOurs = expected.length === given.length && timingSafeEqual(expected, given)
  return isOurs ? Buffer.from(text, 'base64url').toString() : undefined
}

const signatureOf = (text: string, secret: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url')

/** A cookie has room for 4 KB. */
const MESSAGE_LENGTH_MAX = 500
