import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { required } from './settings.ts'

const { FLASK_SECRET_KEY } = required(['FLASK_SECRET_KEY'])

/** How many files this browser has uploaded; 0 for a cookie that is not signed by us. */
export function uploadsIn({ headers }: IncomingMessage): number {
  const [, uploads = '', signature = ''] = /(?:^|; )session=(\d{1,9})\.([\w-]+)/.exec(headers.cookie ?? '') ?? []
  const expected = Buffer.from(sign(uploads))
  const given = Buffer.from(signature)
  return expected.length === given.length && timingSafeEqual(expected, given) ? Number(uploads) : 0
}

export const sessionCookie = (uploads: number): string =>
  `session=${uploads}.${sign(String(uploads))}; Path=/; HttpOnly; SameSite=Lax`

const sign = (text: string): string =>
  createHmac('sha256', FLASK_SECRET_KEY).update(text).digest('base64url')
