import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import { problem } from '../problems.ts'
import type { BodyKind } from '../service/requests.ts'

const CSV = 'text/csv'
const LINES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl']

/** Bodies arrive as text: the record keeps them as they came. Other media types are refused. */
export function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', CSV, ...LINES],
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  app.addContentTypeParser('*', (request, _payload, done) => {
    done(wrongMediaType(request.headers['content-type']))
  })
}

/** The body of a POST. @throws Problem if there is none */
export function bodyOf(request: FastifyRequest): string {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw problem(
      'media_type_unsupported',
      `Content-Encoding ${encoding.slice(0, 100)} is not read.`,
      {
        hint: 'Send the body as it is, without the header Content-Encoding.',
      },
    )
  }
  if (typeof request.body === 'string') {
    // Some editors begin a file with a mark of its byte order, which is not JSON.
    const body = request.body.startsWith('\uFEFF') ? request.body.slice(1) : request.body
    if (body.trim() !== '') return body
  }
  if (request.headers['content-type'] === undefined) throw wrongMediaType(undefined)
  throw problem('request_invalid', 'The body is empty.')
}

export function bodyKind(request: FastifyRequest): BodyKind {
  const sent = request.headers['content-type']?.toLowerCase() ?? ''
  if (sent.startsWith(CSV)) return 'csv'
  return LINES.some((type) => sent.startsWith(type)) ? 'lines' : 'json'
}

const wrongMediaType = (sent: string | undefined): Error =>
  problem(
    'media_type_unsupported',
    `The header Content-Type must be application/json${sent === undefined ? '' : `, not ${sent.slice(0, 100)}`}.`,
    { hint: 'With curl: -H "Content-Type: application/json"' },
  )
