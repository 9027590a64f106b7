import { createHash } from 'node:crypto'
import type { FastifyInstance } from '@hokku/kit/http'
import { REQUESTS_LEFT } from './requests-left.ts'

/**
 * What Heroku says beside each answer: how many requests are left, and a tag of what was read, so that
 * a client that has it already is answered 304.
 */
export function addAnswerHeaders(api: FastifyInstance): void {
  api.addHook('onSend', async (request, reply, payload) => {
    if (request.holder === null) return payload
    reply.header('ratelimit-remaining', REQUESTS_LEFT)
    const isRead = request.method === 'GET' && reply.statusCode === 200
    if (!isRead || typeof payload !== 'string') return payload
    const tag = `"${createHash('sha256').update(payload).digest('hex').slice(0, TAG_LENGTH)}"`
    reply.header('etag', tag)
    if (!knows(request.headers['if-none-match'], tag)) return payload
    reply.code(304)
    return ''
  })
}

/** 128 bits. */
const TAG_LENGTH = 32

const knows = (header: string | undefined, tag: string): boolean =>
  (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
