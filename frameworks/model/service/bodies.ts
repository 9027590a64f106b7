import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import { problem } from '../problems.ts'

const LINES = ['application/x-ndjson', 'application/jsonl']

/** Bodies arrive as text: the record keeps them as they came. Other media types are refused. */
export function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', ...LINES],
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  app.addContentTypeParser('*', (request, _payload, done) => {
    done(wrongMediaType(request.headers['content-type']))
  })
}

/** The body of a POST. @throws Problem if there is none */
export function bodyOf(request: FastifyRequest): string {
  if (typeof request.body === 'string' && request.body.trim() !== '') return request.body
  if (request.headers['content-type'] === undefined) throw wrongMediaType(undefined)
  throw problem('request_invalid', 'The body is empty.')
}

export const isLineBody = (request: FastifyRequest): boolean =>
  LINES.some((type) => request.headers['content-type']?.startsWith(type) === true)

const wrongMediaType = (sent: string | undefined): Error =>
  problem(
    'media_type_unsupported',
    `The header Content-Type must be application/json${sent === undefined ? '' : `, not ${sent.slice(0, 100)}`}.`,
    { hint: 'With curl: -H "Content-Type: application/json"' },
  )
