import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as s3 from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import {
  canonicalRequest,
  chunkStringToSign,
  sign,
  signingKey,
  stringToSign,
  trailerStringToSign,
} from './signature-v4.ts'
import { openTestStorage } from './testing.ts'

/** What no SDK sends, but faulty programs and people with bad intentions do. */
const storage = await openTestStorage()
const bucket = await storage.newBucket()
const client = bucket.client()
const Bucket = bucket.name
const { hostname, port } = new URL(bucket.endpoint)
after(async () => {
  client.destroy()
  await storage.close()
  storage.remove()
})

type Raw = Readonly<{
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  /** Sent, but not signed. */
  unsigned?: Readonly<Record<string, string>>
  payloadHash?: string
  time?: Date
  body?: (signing: Signing) => Buffer
}>
type Signing = Readonly<{ key: Buffer; time: string; scope: typeof SCOPE; seed: string }>
const SCOPE = { date: '', region: 'us-east-1', service: 's3' }

/** Signs a request by hand and sends it as it is. */
async function send(raw: Raw): Promise<{ status: number; text: string }> {
  const { method = 'PUT', path, payloadHash = 'UNSIGNED-PAYLOAD' } = raw
  const time = (raw.time ?? new Date()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = { ...SCOPE, date: time.slice(0, 8) }
  const headers: Record<string, string> = {
    host: `${hostname}:${port}`,
    'x-amz-date': time,
    'x-amz-content-sha256': payloadHash,
    ...raw.headers,
  }
  const signedHeaders = Object.keys(headers).toSorted()
  const key = signingKey(bucket.credentials.secretAccessKey, scope)
  const [barePath = '', query = ''] = path.split('?')
  const canonical = canonicalRequest({
    method,
    path: barePath,
    query,
    headers,
    signedHeaders,
    payloadHash,
  })
  const seed = sign(key, stringToSign(time, scope, canonical))
  const credential = `${bucket.credentials.accessKeyId}/${scope.date}/us-east-1/s3/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${seed}`
  const body = raw.body?.({ key, time, scope, seed }) ?? Buffer.alloc(0)
  return await exchange(method, path, { ...headers, ...raw.unsigned, authorization }, body)
}

function exchange(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (answer: IncomingMessage) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.setHeader('content-length', body.length)
    sent.end(body)
  })
}

async function refuses(raw: Raw, code: string, status: number): Promise<void> {
  const answer = await send(raw)
  assert.match(answer.text, new RegExp(`<Code>${code}</Code>`))
  assert.equal(answer.status, status)
}

const isThere = (Key: string): Promise<boolean> =>
  client.send(new s3.HeadObjectCommand({ Bucket, Key })).then(
    () => true,
    () => false,
  )

const path = (key: string): string => `/${Bucket}/${key}`

test('a request signed by hand is taken, so that the refusals below mean something', async () => {
  const body = Buffer.from('by hand')
  const payloadHash = createHash('sha256').update(body).digest('hex')

  const { status } = await send({ path: path('by-hand'), payloadHash, body: () => body })

  assert.equal(status, 200)
})

test('headers that mean something must be signed', async () => {
  for (const [name, value] of Object.entries({
    'x-amz-acl': 'public-read',
    'x-amz-copy-source': `${Bucket}/by-hand`,
    'x-amz-meta-a': 'b',
  })) {
    await refuses({ path: path('unsigned'), unsigned: { [name]: value } }, 'AccessDenied', 403)
  }
  assert.equal(await isThere('unsigned'), false)
})

test('who has a presigned address can add nothing to it', async () => {
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'private', Body: 'private' }))
  const url = await getSignedUrl(client, new s3.PutObjectCommand({ Bucket, Key: 'granted' }))
  const unsignedHeaders = [
    { 'x-amz-acl': 'public-read' },
    { 'x-amz-copy-source': `${Bucket}/private` },
  ]

  for (const headers of unsignedHeaders) {
    const answer = await fetch(url, { method: 'PUT', body: 'x', headers })
    assert.equal(answer.status, 403)
    assert.match(await answer.text(), /were not signed/)
  }
  const both = await fetch(url, { method: 'PUT', body: 'x', headers: { authorization: 'AWS4 x' } })
  assert.equal(both.status, 400)
  assert.equal(await isThere('granted'), false)
})

test('signatures of any form are compared, never stumbled over', async () => {
  const url = await getSignedUrl(client, new s3.GetObjectCommand({ Bucket, Key: 'by-hand' }))
  const withSignature = (text: string): string =>
    url.replace(/X-Amz-Signature=\w+/, `X-Amz-Signature=${encodeURIComponent(text)}`)

  for (const text of ['', 'x', 'é'.repeat(64), 'a'.repeat(64), '\0'.repeat(64)]) {
    assert.equal((await fetch(withSignature(text))).status, 403)
  }
  const otherAlgorithm = await fetch(url.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'))
  assert.match(await otherAlgorithm.text(), /AuthorizationHeaderMalformed/)
})

test('the signature of the second version is refused by name', async () => {
  const query = 'AWSAccessKeyId=x&Signature=x&Expires=9999999999'
  const form = new FormData()
  form.set('AWSAccessKeyId', 'x')
  form.set('policy', 'x')
  form.set('file', new Blob(['x']))

  for (const answer of [
    await fetch(`${bucket.endpoint}${path('by-hand')}?${query}`),
    await fetch(`${bucket.endpoint}${path('by-hand')}`, { headers: { authorization: 'AWS x:y' } }),
    await fetch(`${bucket.endpoint}/${Bucket}`, { method: 'POST', body: form }),
  ]) {
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /Please use AWS4-HMAC-SHA256/)
  }
})

test('clocks that are wrong by more than 15 minutes are refused, either way', async () => {
  for (const minutes of [-16, 16]) {
    const time = new Date(Date.now() + minutes * 60_000)
    await refuses({ path: path('skewed'), time }, 'RequestTimeTooSkewed', 403)
  }
  const time = new Date(Date.now() - 14 * 60_000)
  assert.equal((await send({ path: path('skewed'), time })).status, 200)
})

/** A body in signed chunks with a signed trailer, as Java programs send it. */
function signedChunks(text: string, { key, time, scope, seed }: Signing, crc32: string): Buffer {
  let previous = seed
  const chunks = [text, ''].map((chunk) => {
    previous = sign(key, chunkStringToSign(time, scope, previous, Buffer.from(chunk)))
    const head = `${chunk.length.toString(16)};chunk-signature=${previous}\r\n`
    return `${head}${chunk}${chunk === '' ? '' : '\r\n'}`
  })
  const trailer = `x-amz-checksum-crc32:${crc32}\n`
  const signature = sign(key, trailerStringToSign(time, scope, previous, trailer))
  return Buffer.from(
    `${chunks.join('')}x-amz-checksum-crc32:${crc32}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`,
  )
}

const CHUNKED = {
  payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  headers: {
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '9',
    'x-amz-trailer': 'x-amz-checksum-crc32',
  },
}
/** Of `123456789`. */
const CRC32 = 'y/Q5Jg=='

test('signed chunks are taken whole and unchanged, or not at all', async () => {
  const chunked = (key: string, change: (body: string) => string, crc32 = CRC32): Raw => ({
    ...CHUNKED,
    path: path(key),
    body: (signing) =>
      Buffer.from(change(signedChunks('123456789', signing, crc32).toString('latin1')), 'latin1'),
  })

  assert.equal((await send(chunked('chunked', (body) => body))).status, 200)
  const read = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'chunked' }))
  assert.equal(await read.Body?.transformToString(), '123456789')
  assert.equal(read.ContentEncoding, undefined)

  const changes: [change: (body: string) => string, code: string, status: number][] = [
    [(body) => body.replace('123456789', '123456780'), 'SignatureDoesNotMatch', 403],
    [(body) => body.replace(/;chunk-signature=\w+/, ''), 'SignatureDoesNotMatch', 403],
    [(body) => body.replace(/x-amz-trailer-signature:\w+\r\n/, ''), 'SignatureDoesNotMatch', 403],
    [(body) => body.replace('crc32:y', 'crc32:z'), 'SignatureDoesNotMatch', 403],
    [(body) => body.slice(0, body.indexOf('x-amz-checksum')), 'MalformedTrailerError', 400],
    [(body) => body.slice(0, 100), 'IncompleteBody', 400],
    [(body) => body.replace(/^9;/, '8;'), 'SignatureDoesNotMatch', 403],
    [(body) => `zz${body}`, 'InvalidRequest', 400],
    [(body) => `${body}more`, 'MalformedTrailerError', 400],
  ]
  for (const [change, code, status] of changes) {
    await refuses(chunked('changed', change), code, status)
  }
  await refuses(
    chunked('changed', (body) => body, 'AAAAAA=='),
    'BadDigest',
    400,
  )
  assert.equal(await isThere('changed'), false)
})

test('a body that is not the one that was signed is refused', async () => {
  const payloadHash = createHash('sha256').update('one').digest('hex')
  const other = { path: path('other'), payloadHash, body: () => Buffer.from('two') }

  await refuses(other, 'XAmzContentSHA256Mismatch', 400)

  assert.equal(await isThere('other'), false)
})

test('what would not be done is refused, not left out', async () => {
  for (const [name, value] of Object.entries({
    'x-amz-tagging': 'a=b',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-grant-read': 'id=x',
  })) {
    await refuses({ path: path('more'), headers: { [name]: value } }, 'NotImplemented', 501)
  }
  await refuses({ path: `${path('more')}?lifecycle` }, 'NotImplemented', 501)
  await refuses({ path: path('more'), method: 'PATCH' }, 'MethodNotAllowed', 405)
  assert.equal(await isThere('more'), false)
})

test('a version is never taken for the object itself', async () => {
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'versioned', Body: 'x' }))
  const VersionId = 'abc'
  const at = { Bucket, Key: 'versioned', VersionId }
  const listed = { Bucket, Delete: { Objects: [{ Key: 'versioned', VersionId }] } }

  await assert.rejects(client.send(new s3.GetObjectCommand(at)), { name: 'NoSuchVersion' })
  await assert.rejects(client.send(new s3.DeleteObjectCommand(at)), { name: 'NoSuchVersion' })
  await assert.rejects(client.send(new s3.DeleteObjectsCommand(listed)), { name: 'NoSuchVersion' })

  assert.ok(await isThere('versioned'))
})

test('addresses and malformed addresses and documents are refused as such', async () => {
  await refuses({ path: path('%ff') }, 'InvalidArgument', 400)
  await refuses({ path: path('a%00b') }, 'InvalidArgument', 400)
  const bodies: [path: string, method: string, body: string][] = [
    [`/${Bucket}?delete`, 'POST', '<Delete><Object></Delete>'],
    [`/${Bucket}?delete`, 'POST', '<!DOCTYPE a [<!ENTITY b "c">]><Delete>&b;</Delete>'],
    [`/${Bucket}?cors`, 'PUT', '<CORSConfiguration/>'],
  ]
  for (const [at, method, text] of bodies) {
    await refuses({ path: at, method, body: () => Buffer.from(text) }, 'MalformedXML', 400)
  }
})

test('who asks first whether a body will be taken need not send it to be refused', async () => {
  const small = await storage.newBucket(1000)
  const ask = async (key: string, bytes: number): Promise<string> => {
    const url = await getSignedUrl(
      small.client(),
      new s3.PutObjectCommand({ Bucket: small.name, Key: key }),
    )
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    const target = url.slice(small.endpoint.length)
    socket.write(
      `PUT ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\n\r\n`,
    )
    for (let i = 0; answer === '' && i < 200; i++) await sleep(20)
    if (answer.startsWith('HTTP/1.1 100')) socket.write('x'.repeat(bytes))
    for (let i = 0; !answer.includes('x-amz-request-id') && i < 200; i++) await sleep(20)
    socket.destroy()
    return answer
  }

  assert.match(await ask('fits', 1000), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  assert.match(await ask('does-not', 1001), /^HTTP\/1\.1 403 [^]*QuotaExceeded/)
})

test('a client that goes away in mid-upload leaves nothing behind', async () => {
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'stays', Body: 'before' }))
  const url = await getSignedUrl(client, new s3.PutObjectCommand({ Bucket, Key: 'stays' }))
  const before = filesKept()

  const sent = request(url, { method: 'PUT', headers: { 'content-length': 10_000_000 } })
  sent.on('error', () => {})
  sent.write(randomBytes(5_000_000))
  for (let i = 0; filesKept() === before && i < 200; i++) await sleep(20)
  assert.equal(filesKept(), before + 1)
  sent.destroy()
  for (let i = 0; filesKept() > before && i < 200; i++) await sleep(20)

  const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'stays' }))
  assert.equal(await Body?.transformToString(), 'before')
  assert.equal(filesKept(), before)
})

const filesKept = (): number =>
  readdirSync(join(storage.directory, 'files'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  ).length
