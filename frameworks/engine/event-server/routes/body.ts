import type { FastifyRequest } from '@hokku/kit/http'
import { problem } from '../../problems.ts'

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
  if (request.headers['content-type']?.startsWith('application/json')) return text
  throw problem('media_type_unsupported', 'Expected application/json')
}

/** `<name>.json` → `<name>`; undefined for a path with another ending. */
export function nameOf(file: string, ending: string): string | undefined {
  return file.endsWith(ending) ? file.slice(0, -ending.length) : undefined
}
