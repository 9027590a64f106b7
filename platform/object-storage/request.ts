import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  authenticateRequest,
  type Authenticated,
  type Credential,
  type FindCredential,
} from './authentication.ts'
import type { Catalogue } from './catalogue/index.ts'
import type { ChecksumName } from './checksum.ts'
import type { Headers } from './conditions.ts'
import type { OpenDigests } from './digest-threads.ts'
import type { Files } from './files.ts'
import { openPayload, type Payload, type PayloadOptions } from './payload.ts'
import { s3Problem } from './problems.ts'
import type { XmlObject } from './xml.ts'

/** Where objects are. */
export type Storage = Readonly<{
  catalogue: Catalogue
  files: Files
  openDigests: OpenDigests
  clock: () => Date
}>

/** A request of someone who may use the bucket it names. */
export type S3Request = Readonly<{
  method: string
  bucket: string
  /** Empty for the bucket itself. */
  key: string
  query: URLSearchParams
  headers: Headers
  /** The checked body, for one reader, who may want checksums that the client does not send. */
  payload: (bytesMax: number, alsoWanted?: readonly ChecksumName[]) => Payload
}>

export type S3Answer = Readonly<{
  status: number
  headers?: Readonly<Record<string, string>>
  xml?: readonly [root: string, content: XmlObject | string]
  /** Sent as it comes; `close` is called when it is through or no one wants it any more. */
  stream?: Readonly<{ bytes: AsyncIterable<Uint8Array>; size: number; close: () => void }>
}>

export type Operation = (request: S3Request, storage: Storage) => S3Answer | Promise<S3Answer>

/** Who sends a request; undefined for one without any signature, which only public objects answer. */
export function authenticate(
  incoming: IncomingMessage,
  find: FindCredential,
  now: Date,
): Authenticated | undefined {
  const { path, query } = splitUrl(incoming)
  const isSigned =
    incoming.headers['authorization'] !== undefined ||
    /(?:^|&)(?:X-Amz-Signature|AWSAccessKeyId)=/.test(query)
  if (!isSigned) return undefined
  const headers = headersOf(incoming)
  return authenticateRequest({ method: incoming.method ?? 'GET', path, query, headers }, find, now)
}

/** @throws Problem `access_denied` for a bucket that is not the credential's own */
export function checkBucket(credential: Credential, bucket: string): void {
  if (credential.bucket !== bucket) throw s3Problem('access_denied', 'Access Denied')
}

export function splitUrl({ url = '/' }: IncomingMessage): { path: string; query: string } {
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) }
}

export const headersOf = (incoming: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  )

/**
 * Headers that a presigned address carries in its query instead. Checksums are left out: clients
 * presign without knowing the body, and then sign the checksum of nothing.
 */
export const presignedHeaders = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...query]
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => name.startsWith('x-amz-meta-') || name === 'x-amz-acl'),
  )

export function payloadOf(
  incoming: IncomingMessage,
  response: ServerResponse,
  headers: Headers,
  more: Pick<PayloadOptions, 'authenticated' | 'openDigests'>,
): S3Request['payload'] {
  return (bytesMax, alsoWanted = []) =>
    openPayload(bodyOf(incoming, response), { headers, bytesMax, alsoWanted, ...more })
}

/** A client that waits with its body is asked for it when someone begins to read. */
export async function* bodyOf(
  incoming: IncomingMessage,
  response: ServerResponse,
): AsyncGenerator<Uint8Array> {
  if (incoming.headers.expect !== undefined) response.writeContinue()
  yield* incoming as AsyncIterable<Uint8Array>
}

/** A small body as text. @throws Problem `entity_too_large` */
export async function textBody(request: S3Request): Promise<string> {
  const payload = request.payload(DOCUMENT_BYTES_MAX)
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of payload.bytes) pieces.push(piece)
    await payload.take(pieces.map((piece) => piece.slice()))
    await payload.facts()
  } finally {
    payload.close()
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Room for 10,000 parts or 1,000 keys of the longest kind. */
const DOCUMENT_BYTES_MAX = 2 * 1024 * 1024
