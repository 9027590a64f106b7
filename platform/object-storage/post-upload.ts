import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import type { Segment } from './catalogue/index.ts'
import { isPublicAcl, keptHeaders } from './object-headers.ts'
import { checkPostForm, type Form, type PostGrant } from './post-policy.ts'
import { s3Problem } from './problems.ts'
import { checkKey } from './request-target.ts'
import type { S3Answer, Storage } from './request.ts'
import { checkQuota, commitObject, PIECE_BYTES_MAX } from './writes.ts'

type Received = Readonly<{ form: Form; grant: PostGrant; segment: Segment; etag: string }>

/**
 * A browser's upload by an HTML form, allowed by a signed policy. The fields come before the file,
 * so everything is checked before the first byte is kept.
 */
export async function postObject(
  incoming: IncomingMessage,
  response: ServerResponse,
  bucket: string,
  storage: Storage,
): Promise<S3Answer> {
  // What the form says stands in its body.
  if (incoming.headers.expect !== undefined) response.writeContinue()
  const { form, segment, etag } = await receive(incoming, bucket, storage)
  const headers = Object.fromEntries(form)
  const key = form.get('key') ?? ''
  const object = {
    etag,
    size: segment.size,
    segments: [segment],
    headers: keptHeaders(headers),
    checksums: {},
    isPublic: isPublicAcl(headers),
    modifiedAt: storage.clock(),
  }
  await commitObject({ bucket, key, headers: {} }, object, storage)
  return answerTo(form, { bucket, key, etag, host: incoming.headers.host ?? '' })
}

function receive(incoming: IncomingMessage, bucket: string, storage: Storage): Promise<Received> {
  return new Promise((resolve, reject) => {
    const form = new Map<string, string>()
    let work: Promise<void> | undefined
    const parser = openParser(incoming)
    const fail = (error: unknown): void => {
      incoming.unpipe(parser)
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    parser.on('field', (name, value, _nameTruncated, isTruncated) => {
      if (isTruncated)
        fail(s3Problem('invalid_argument', `The field ${name.slice(0, 80)} is too long.`))
      form.set(name.toLowerCase(), value)
    })
    parser.on('file', (_name, stream, filename) => {
      if (work !== undefined) return void stream.resume()
      work = keepFile(stream, filename, form, bucket, storage).then(resolve, (error: unknown) => {
        stream.destroy()
        fail(error)
      })
    })
    parser.on('finish', () => {
      if (work === undefined) fail(s3Problem('invalid_argument', 'The form has no file.'))
    })
    parser.on('error', (cause) =>
      fail(s3Problem('incomplete_body', 'The form ends too soon.', { cause })),
    )
    incoming.on('close', () => {
      if (!incoming.complete) parser.destroy(new Error('the client went away'))
    })
    incoming.pipe(parser)
  })
}

function openParser(incoming: IncomingMessage): BusboyInstance {
  const contentType = incoming.headers['content-type'] ?? ''
  try {
    return new Busboy({
      headers: { ...incoming.headers, 'content-type': contentType },
      limits: { fields: 100, fieldSize: FIELD_BYTES_MAX, parts: 110, headerPairs: 20 },
    })
  } catch (cause) {
    throw s3Problem('invalid_request', 'This needs a form as multipart/form-data.', { cause })
  }
}

/** Room for a policy with many conditions. */
const FIELD_BYTES_MAX = 64 * 1024

async function keepFile(
  stream: Readable,
  filename: string,
  form: Map<string, string>,
  bucket: string,
  storage: Storage,
): Promise<Received> {
  const find = (id: string) => storage.catalogue.buckets.credential(id)
  const grant = checkPostForm(form, bucket, find, storage.clock())
  const key = (form.get('key') ?? '').replaceAll('${filename}', filename)
  if (key === '')
    throw s3Problem('invalid_argument', "Bucket POST must contain a field named 'key'.")
  checkKey(key)
  form.set('key', key)
  checkQuota(bucket, 0, storage)
  const digests = storage.openDigests(['md5'], Number.MAX_SAFE_INTEGER)
  const bytesMax = Math.min(grant.bytesMax, PIECE_BYTES_MAX)
  const check = (size: number): void => checkQuota(bucket, size, storage)
  const { segment, md5 } = await storage.files
    .write(measured(stream, bytesMax, check), digests.take)
    .then(async (written) => ({ segment: written, md5: (await digests.values()).md5 ?? '' }))
    .finally(digests.close)
  if (segment.size < grant.bytesMin) {
    await storage.files.remove([segment.file])
    throw s3Problem(
      'entity_too_small',
      'Your proposed upload is smaller than the minimum allowed size',
      {
        details: { ProposedSize: segment.size, MinSizeAllowed: grant.bytesMin },
      },
    )
  }
  return { form, grant, segment, etag: Buffer.from(md5, 'base64').toString('hex') }
}

async function* measured(
  stream: AsyncIterable<Uint8Array>,
  bytesMax: number,
  check: (size: number) => void,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > bytesMax) {
      throw s3Problem('entity_too_large', 'Your proposed upload exceeds the maximum allowed size', {
        details: { MaxSizeAllowed: bytesMax },
      })
    }
    check(size)
    yield chunk
  }
}

function answerTo(
  form: Form,
  made: Readonly<{ bucket: string; key: string; etag: string; host: string }>,
): S3Answer {
  const { bucket, key, etag, host } = made
  const location = `http://${host}/${bucket}/${encodeURIComponent(key)}`
  const headers = { etag: `"${etag}"`, location }
  const redirect = form.get('success_action_redirect') ?? form.get('redirect')
  if (redirect !== undefined && /^https?:$/.test(URL.parse(redirect)?.protocol ?? '')) {
    const target = new URL(redirect)
    for (const [name, value] of Object.entries({ bucket, key, etag: `"${etag}"` })) {
      target.searchParams.set(name, value)
    }
    return { status: 303, headers: { location: target.href } }
  }
  const status = form.get('success_action_status')
  if (status !== '201') return { status: status === '200' ? 200 : 204, headers }
  const content = { Location: location, Bucket: bucket, Key: key, ETag: `"${etag}"` }
  return { status: 201, headers, xml: ['PostResponse', content] }
}
