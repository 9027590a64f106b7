import { isUtf8 } from 'node:buffer'
import type { FastifyRequest } from '@hokku/kit/http'
import { problem } from '../../problems.ts'

/**
 * A body as text; bytes that are not UTF-8 are refused, not replaced: ids would become others.
 *
 * @throws Problem `json_malformed`
 */
export function utf8Text(body: Buffer): string {
  if (isUtf8(body)) return body.toString()
  throw problem('json_malformed', 'The body is not UTF-8 text.')
}

/** The text of a request's body; an empty one is refused. */
export function bodyText(request: FastifyRequest): string {
  if (typeof request.body === 'string' && request.body !== '') return request.body
  throw problem('json_malformed', 'Request entity expected but not supplied', {
    details: { isPlainText: true },
  })
}

/** As `bodyText`, for routes that take JSON only. */
export function jsonBodyText(request: FastifyRequest): string {
  const text = bodyText(request)
  if (JSON_TYPE.test(request.headers['content-type'] ?? '')) return text
  throw problem('media_type_unsupported', 'Expected application/json')
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/** `<name>.json` → `<name>`; undefined for a path with another ending. */
export function nameOf(file: string, ending: string): string | undefined {
  return file.endsWith(ending) ? file.slice(0, -ending.length) : undefined
}
