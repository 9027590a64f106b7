import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'

const NAME = 'psiturk_flash'

/** Messages for the next page, kept in a cookie of the visitor. */
const Messages = z.array(z.string()).catch([])

/** Cookies are short; older messages give way. */
const MESSAGES_MAX = 5
const MESSAGE_LENGTH_MAX = 300

export function addFlash(request: FastifyRequest, reply: FastifyReply, message: string): void {
  const messages = [...readFlashes(request), message.slice(0, MESSAGE_LENGTH_MAX)]
  const value = Buffer.from(JSON.stringify(messages.slice(-MESSAGES_MAX))).toString('base64url')
  // A page that is rendered by the same request shows it too.
  request.headers.cookie = `${NAME}=${value}`
  void reply.header('Set-Cookie', `${NAME}=${value}; Path=/; HttpOnly; SameSite=Lax`)
}

/** @returns text instead of an empty list, which would be true in a template */
export function takeFlashes(request: FastifyRequest, reply: FastifyReply): string[] | '' {
  const messages = readFlashes(request)
  if (messages.length === 0) return ''
  void reply.removeHeader('Set-Cookie')
  void reply.header('Set-Cookie', `${NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`)
  return messages
}

function readFlashes(request: FastifyRequest): string[] {
  const value = new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1]
  if (value === undefined) return []
  try {
    return Messages.parse(JSON.parse(Buffer.from(value, 'base64url').toString()))
  } catch {
    return []
  }
}
