import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '@hokku/kit/problem'
import type { Administration } from './administration.ts'
import { corsOf } from './buckets.ts'
import { allowedBy } from './cors.ts'
import { completeUpload } from './multipart.ts'
import { postObject } from './post-upload.ts'
import { s3Problem } from './problems.ts'
import {
  authenticate,
  checkBucket,
  headersOf,
  payloadOf,
  presignedHeaders,
  splitUrl,
  type S3Answer,
  type S3Request,
  type Storage,
} from './request.ts'
import { parseTarget, type Target } from './request-target.ts'
import { operationOf } from './routes.ts'
import { writeXml } from './xml.ts'

/** Answers every request. */
export function createHandler(storage: Storage, administration: Administration) {
  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = randomBytes(8).toString('hex').toUpperCase()
    response.setHeader('x-amz-request-id', id)
    response.setHeader('server', 'hokku')
    try {
      if (incoming.url?.startsWith('/-/') === true) {
        return await administration(incoming, response)
      }
      const target = parseTarget(splitUrl(incoming).path)
      const isAllowed = setCors(incoming, response, target, storage)
      if (incoming.method === 'OPTIONS') return answerPreflight(isAllowed, response)
      await send(await answerOf(incoming, response, target, storage), incoming, response)
    } catch (error) {
      sendFailure(error, id, incoming, response)
    }
  }
}

async function answerOf(
  incoming: IncomingMessage,
  response: ServerResponse,
  target: Target,
  storage: Storage,
): Promise<S3Answer> {
  const method = incoming.method ?? 'GET'
  const isForm = incoming.headers['content-type']?.startsWith('multipart/form-data') === true
  if (method === 'POST' && target.key === '' && isForm) {
    return await postObject(incoming, response, target.bucket, storage)
  }
  const find = (accessKeyId: string) => storage.catalogue.buckets.credential(accessKeyId)
  const authenticated = authenticate(incoming, find, storage.clock())
  const query = new URLSearchParams(splitUrl(incoming).query)
  const isPresigned = query.has('X-Amz-Signature')
  const headers = { ...(isPresigned && presignedHeaders(query)), ...headersOf(incoming) }
  if (authenticated === undefined) {
    const request = { method, ...target, query, headers, payload: refuse }
    return await anonymous(request, storage)
  }
  const { credential } = authenticated
  const bucket = target.bucket === '' ? credential.bucket : target.bucket
  checkBucket(credential, bucket)
  const operation = operationOf({ method, ...target, query, headers })
  const ofBody = operation === completeUpload ? withoutChecksums(headers) : headers
  const payload = payloadOf(incoming, response, ofBody, {
    authenticated,
    openDigests: storage.openDigests,
  })
  return await operation({ method, bucket, key: target.key, query, headers, payload }, storage)
}

/** At the end of a multipart upload, a checksum is that of the object, not of the list of parts. */
const withoutChecksums = (headers: S3Request['headers']): S3Request['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-')),
  )

/** Without a signature only public objects can be read, and nothing reveals whether others exist. */
function anonymous(request: S3Request, storage: Storage): S3Answer | Promise<S3Answer> {
  const { method, bucket, key } = request
  const isRead = (method === 'GET' || method === 'HEAD') && key !== ''
  if (!isRead || storage.catalogue.objects.find(bucket, key)?.isPublic !== true) throw refuse()
  const plain = new URLSearchParams()
  return operationOf({ ...request, query: plain })({ ...request, query: plain }, storage)
}

const refuse = (): never => {
  throw s3Problem('access_denied', 'Access Denied')
}

/** @returns whether the origin may; undefined if no page asks */
function setCors(
  { headers, method = 'GET' }: IncomingMessage,
  response: ServerResponse,
  { bucket }: Target,
  storage: Storage,
): boolean | undefined {
  if (headers.origin === undefined) return undefined
  const asked = headers['access-control-request-headers'] ?? ''
  const allowed = allowedBy(corsOf(bucket, storage), {
    origin: headers.origin,
    method: headers['access-control-request-method'] ?? method,
    headers: asked
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
  })
  for (const [name, value] of Object.entries(allowed ?? {})) response.setHeader(name, value)
  return allowed !== undefined
}

function answerPreflight(isAllowed: boolean | undefined, response: ServerResponse): void {
  if (isAllowed === true) return void response.writeHead(200).end()
  throw s3Problem('access_denied', 'CORSResponse: This CORS request is not allowed.')
}

async function send(
  { status, headers = {}, xml, stream }: S3Answer,
  { method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (xml !== undefined) {
    const text = Buffer.from(writeXml(...xml))
    response.writeHead(status, { ...headers, ...XML, 'content-length': text.length }).end(text)
    return
  }
  if (stream === undefined) return void response.writeHead(status, headers).end()
  try {
    response.writeHead(status, { ...headers, 'content-length': stream.size })
    if (method !== 'HEAD') await sendBytes(stream.bytes, response)
    response.end()
  } finally {
    stream.close()
  }
}

const XML = { 'content-type': 'application/xml' }

async function sendBytes(bytes: AsyncIterable<Uint8Array>, response: ServerResponse) {
  for await (const chunk of bytes) {
    if (!response.write(chunk)) await drained(response)
    if (response.destroyed) return
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.once('drain', done).once('close', done)
  })

function sendFailure(
  error: unknown,
  id: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  if (incoming.destroyed && !incoming.complete) return void response.destroy()
  const problem = problemOf(error)
  if (response.headersSent) return void response.destroy()
  const text = { Code: problem.id, Message: problem.message }
  const resource = splitUrl(incoming).path
  const content = { ...text, ...scalars(problem.details), Resource: resource, RequestId: id }
  const body = Buffer.from(writeXml('Error', content).replace(/ xmlns="[^"]*"/, ''))
  leaveBody(incoming, response)
  response.writeHead(problem.status, { ...XML, 'content-length': body.length })
  response.end(incoming.method === 'HEAD' ? undefined : body)
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return s3Problem('disk_full', 'There is no space left on the disk.')
  }
  console.error('bug:', error)
  return s3Problem('internal_error', 'We encountered an internal error. Please try again.')
}

const scalars = (details: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(details).map(([name, value]) => [name, String(value)]))

/** No one reads the rest of a refused body; the client gets a moment to read the answer first. */
function leaveBody(incoming: IncomingMessage, response: ServerResponse): void {
  if (incoming.complete || incoming.readableEnded) return
  const { method, headers } = incoming
  const hasNone = headers['content-length'] === undefined && !headers['transfer-encoding']
  if (hasNone || method === 'GET' || method === 'HEAD') return
  response.setHeader('connection', 'close')
  incoming.resume()
  setTimeout(() => incoming.destroy(), LINGER_MS).unref()
}

const LINGER_MS = 2000
