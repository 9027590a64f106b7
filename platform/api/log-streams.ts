import { Readable } from 'node:stream'
import type { FastifyReply } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { plainLines, serverSentEvent, type LogRecord } from '../logs/index.ts'
import { problem } from '../store/index.ts'
import type { Routes } from './api.ts'

/**
 * `GET /log-streams/{secret}`: a log session's lines, as server-sent events or as plain text. The
 * secret is all the permission there is: the CLI sends no token.
 */
export const logStreamRoutes: Routes = (api, plane) => {
  const closing = new AbortController()
  api.addHook('preClose', async () => closing.abort())

  api.get('/log-streams/:secret', { config: { public: true } }, (request, reply) => {
    const secret = pathParam(request, 'secret')
    const session = plane.logs.session(secret)
    if (session === undefined) {
      throw problem('not_found', 'This log session has expired.', {
        hint: 'Please run the command again.',
        details: { resource: 'log_session' },
      })
    }
    const areEvents = request.headers.accept?.includes('text/event-stream') ?? false
    const end = AbortSignal.any([closed(reply), closing.signal])
    const records = plane.logs.read(session, seenOf(request.headers), end)
    const body = areEvents ? events(records, session.tail) : text(records)
    return reply
      .headers(areEvents ? EVENT_HEADERS : TEXT_HEADERS)
      .send(Readable.from(body, { objectMode: false }))
  })
}

/**
 * Streams end with the connection and not with a last chunk: so the end of a control plane that is
 * killed looks to clients like any other end, and they connect again.
 */
const STREAM_HEADERS = { connection: 'close', 'cache-control': 'no-store' }
const EVENT_HEADERS = { ...STREAM_HEADERS, 'content-type': 'text/event-stream' }
const TEXT_HEADERS = { ...STREAM_HEADERS, 'content-type': 'text/plain; charset=utf-8' }

function closed(reply: FastifyReply): AbortSignal {
  const closing = new AbortController()
  reply.raw.removeHeader('transfer-encoding')
  reply.raw.once('close', () => closing.abort())
  return closing.signal
}

/** The number of the last line that a client has seen before it lost the connection. */
function seenOf(headers: { [name: string]: string | string[] | undefined }): number | undefined {
  const id = headers['last-event-id']
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined
}

async function* events(
  batches: AsyncIterable<readonly LogRecord[]>,
  isTail: boolean,
): AsyncGenerator<Buffer> {
  if (!isTail) yield NO_WAITING
  for await (const records of batches) {
    if (records.length === 0) yield HEARTBEAT
    yield* chunks(records, serverSentEvent)
  }
}

const HEARTBEAT = Buffer.from(': hb\n\n')

/** The CLI sits out the pause before the next attempt even where it makes none: 3 s by default. */
const NO_WAITING = Buffer.from('retry: 1\n\n')

async function* text(batches: AsyncIterable<readonly LogRecord[]>): AsyncGenerator<Buffer> {
  for await (const records of batches) {
    yield* chunks(records, plainLines)
  }
}

/** Many small records go out as one write; a long batch leaves others their turn in between. */
function* chunks(
  records: readonly LogRecord[],
  format: (record: LogRecord) => Buffer,
): Generator<Buffer> {
  let parts: Buffer[] = []
  let bytes = 0
  for (const record of records) {
    const part = format(record)
    parts.push(part)
    bytes += part.length
    if (bytes < CHUNK_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts)
}

const CHUNK_BYTES = 64 * 1024
