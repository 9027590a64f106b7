import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createChecksum } from './checksum.ts'
import { openTestStorage } from './testing.ts'

/** A table of what programs do with S3, done by Amazon's own SDK in its default settings. */
const storage = await openTestStorage()
const bucket = await storage.newBucket()
const client = bucket.client()
const Bucket = bucket.name
after(async () => {
  client.destroy()
  await storage.close()
  storage.remove()
})

const MB = 1024 * 1024
const put = (Key: string, Body: string | Buffer | Readable, more = {}) =>
  client.send(new s3.PutObjectCommand({ Bucket, Key, Body, ...more }))
const get = (Key: string, more = {}) =>
  client.send(new s3.GetObjectCommand({ Bucket, Key, ...more }))
const text = async (Key: string, more = {}): Promise<string> =>
  (await (await get(Key, more)).Body?.transformToString()) ?? ''
const fails = (work: Promise<unknown>, name: string, status?: number): Promise<void> =>
  assert.rejects(work, (error: s3.S3ServiceException) => {
    assert.equal(error.name, name)
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status)
    return true
  })

const BODIES = {
  'an empty text': '',
  'a text': 'Grüße, 東京 😀',
  'a buffer of a megabyte': randomBytes(MB),
  'a buffer of odd length': randomBytes(100_001),
}

for (const [name, body] of Object.entries(BODIES)) {
  test(`${name} comes back as it was, with its MD5 as ETag`, async () => {
    const bytes = Buffer.from(body)

    const { ETag } = await put('bodies/one', body)

    assert.equal(ETag, `"${createHash('md5').update(bytes).digest('hex')}"`)
    const answer = await get('bodies/one')
    assert.deepEqual(Buffer.from((await answer.Body?.transformToByteArray()) ?? []), bytes)
    assert.equal(answer.ContentLength, bytes.length)
  })
}

for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
  test(`a stream with a ${ChecksumAlgorithm} trailer is unwrapped and checked`, async () => {
    const bytes = randomBytes(300_000)

    const made = await put('streamed', Readable.from([bytes]), {
      ContentLength: bytes.length,
      ChecksumAlgorithm,
    })

    assert.ok(made[`Checksum${ChecksumAlgorithm}`])
    const answer = await get('streamed', { ChecksumMode: 'ENABLED' })
    assert.equal(answer[`Checksum${ChecksumAlgorithm}`], made[`Checksum${ChecksumAlgorithm}`])
    assert.deepEqual(Buffer.from((await answer.Body?.transformToByteArray()) ?? []), bytes)
  })
}

test('a wrong checksum, MD5 or SHA-256 is refused and nothing is kept', async () => {
  await fails(put('wrong', 'abc', { ChecksumCRC32: 'AAAAAA==' }), 'BadDigest', 400)
  const ContentMD5 = createHash('md5').update('abd').digest('base64')
  await fails(put('wrong', 'abc', { ContentMD5 }), 'BadDigest', 400)
  await fails(put('wrong', 'abc', { ContentMD5: 'eA==' }), 'InvalidDigest', 400)
  await fails(get('wrong'), 'NoSuchKey', 404)
})

const KEYS = [
  'plain.txt',
  'a/b/c/d.txt',
  'with space + plus.txt',
  '../../etc/passwd',
  '/leading//double/',
  'ünïcödé/東京/😀.txt',
  `quotes'"<&>%25;:@=,$!*()`,
  '__proto__',
  '.',
  'x'.repeat(1024),
]

for (const key of KEYS) {
  test(`the key ${key.slice(0, 40)} is stored, listed and deleted`, async () => {
    const other = await storage.newBucket()
    const mine = other.client()
    const at = { Bucket: other.name, Key: key }

    await mine.send(new s3.PutObjectCommand({ ...at, Body: key }))

    const answer = await mine.send(new s3.GetObjectCommand(at))
    assert.equal(await answer.Body?.transformToString(), key)
    const listed = await mine.send(new s3.ListObjectsV2Command({ Bucket: other.name }))
    assert.deepEqual(
      listed.Contents?.map((item) => item.Key),
      [key],
    )
    const deleted = await mine.send(
      new s3.DeleteObjectsCommand({ Bucket: other.name, Delete: { Objects: [{ Key: key }] } }),
    )
    assert.equal(deleted.Deleted?.[0]?.Key, key)
    await fails(mine.send(new s3.HeadObjectCommand(at)), 'NotFound', 404)
    mine.destroy()
  })
}

test('a key that is too long is refused', async () => {
  await fails(put('x'.repeat(1025), ''), 'KeyTooLongError', 400)
})

test('headers and metadata come back with GET and HEAD', async () => {
  await put('headers', 'x', {
    ContentType: 'text/plain; charset=utf-8',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentLanguage: 'de',
    ContentEncoding: 'gzip',
    Metadata: { color: 'blue', 'two-words': 'a b' },
  })

  for (const answer of [
    await get('headers'),
    await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'headers' })),
  ]) {
    assert.equal(answer.ContentType, 'text/plain; charset=utf-8')
    assert.equal(answer.CacheControl, 'max-age=60')
    assert.equal(answer.ContentDisposition, 'attachment; filename="a.txt"')
    assert.equal(answer.ContentLanguage, 'de')
    assert.equal(answer.ContentEncoding, 'gzip')
    assert.deepEqual(answer.Metadata, { color: 'blue', 'two-words': 'a b' })
    assert.equal(answer.ContentLength, 1)
  }
})

test('metadata above 2 KB is refused', async () => {
  await fails(put('m', 'x', { Metadata: { a: 'x'.repeat(2100) } }), 'MetadataTooLarge', 400)
})

test('ranges give their part with 206', async () => {
  await put('range', '0123456789')

  const answer = await get('range', { Range: 'bytes=2-4' })
  assert.equal(answer.$metadata.httpStatusCode, 206)
  assert.equal(answer.ContentRange, 'bytes 2-4/10')
  assert.equal(await answer.Body?.transformToString(), '234')
  assert.equal(await text('range', { Range: 'bytes=-3' }), '789')
  assert.equal(await text('range', { Range: 'bytes=7-' }), '789')
  await fails(get('range', { Range: 'bytes=10-' }), 'InvalidRange', 416)
})

test('conditional reads answer 304 and 412', async () => {
  const { ETag } = await put('conditions', 'x')

  assert.equal(await text('conditions', { IfMatch: ETag }), 'x')
  await fails(get('conditions', { IfMatch: '"no"' }), 'PreconditionFailed', 412)
  const unchanged = { $metadata: { httpStatusCode: 304 } }
  await assert.rejects(get('conditions', { IfNoneMatch: ETag }), (error: typeof unchanged) => {
    assert.equal(error.$metadata.httpStatusCode, 304)
    return true
  })
  const past = new Date(Date.now() - 3_600_000)
  await fails(get('conditions', { IfUnmodifiedSince: past }), 'PreconditionFailed', 412)
})

test('of ten that write a new key at once with If-None-Match, one wins', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => put('race', String(i), { IfNoneMatch: '*' })),
  )

  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  await fails(put('race', 'x', { IfMatch: '"other"' }), 'PreconditionFailed', 412)
})

test('ListObjectsV2 pages, groups by delimiter and starts at the given key', async () => {
  const keys = ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'l/d/1', 'l/e']
  for (const key of keys) await put(key, key)
  const pages = s3.paginateListObjectsV2({ client, pageSize: 2 }, { Bucket, Prefix: 'l/' })

  const found: string[] = []
  for await (const page of pages) found.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''))
  const grouped = await client.send(
    new s3.ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/' }),
  )
  const later = await client.send(
    new s3.ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/c', EncodingType: 'url' }),
  )

  assert.deepEqual(found, keys)
  assert.deepEqual(
    grouped.Contents?.map(({ Key }) => Key),
    ['l/a', 'l/c', 'l/e'],
  )
  assert.deepEqual(
    grouped.CommonPrefixes?.map(({ Prefix }) => Prefix),
    ['l/b/', 'l/d/'],
  )
  assert.equal(grouped.KeyCount, 5)
  assert.deepEqual(
    later.Contents?.map(({ Key }) => Key),
    ['l/d/1', 'l/e'],
  )
})

test('ListObjects of the first version pages with markers', async () => {
  for (const key of ['v1/a', 'v1/b', 'v1/c']) await put(key, '')

  const first = await client.send(new s3.ListObjectsCommand({ Bucket, Prefix: 'v1/', MaxKeys: 2 }))
  const second = await client.send(
    new s3.ListObjectsCommand({ Bucket, Prefix: 'v1/', Marker: first.Contents?.at(-1)?.Key }),
  )

  assert.equal(first.IsTruncated, true)
  assert.deepEqual(
    second.Contents?.map(({ Key }) => Key),
    ['v1/c'],
  )
})

test('DeleteObjects takes a list, and what is gone already too', async () => {
  await put('del/1', '')
  const Objects = [{ Key: 'del/1' }, { Key: 'del/never' }]

  const { Deleted } = await client.send(
    new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
  )
  const quiet = await client.send(
    new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
  )

  assert.equal(Deleted?.length, 2)
  assert.equal(quiet.Deleted, undefined)
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'del/never' }))
})

test('CopyObject copies bytes and metadata, or takes new metadata', async () => {
  await put('copy/von hier', 'copied', { Metadata: { a: '1' }, ContentType: 'text/x' })
  const CopySource = encodeURIComponent(`${Bucket}/copy/von hier`)

  const { CopyObjectResult } = await client.send(
    new s3.CopyObjectCommand({ Bucket, Key: 'copy/to', CopySource }),
  )
  await client.send(
    new s3.CopyObjectCommand({
      Bucket,
      Key: 'copy/new',
      CopySource,
      MetadataDirective: 'REPLACE',
      Metadata: { a: '2' },
    }),
  )
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'copy/von hier' }))

  assert.ok(CopyObjectResult?.ETag)
  assert.equal(await text('copy/to'), 'copied')
  assert.deepEqual((await get('copy/to')).Metadata, { a: '1' })
  assert.deepEqual((await get('copy/new')).Metadata, { a: '2' })
  const CopyItself = `${Bucket}/copy/to`
  await fails(
    client.send(new s3.CopyObjectCommand({ Bucket, Key: 'copy/to', CopySource: CopyItself })),
    'InvalidRequest',
  )
})

test('lib-storage uploads a stream of unknown length in parts', async () => {
  const piece = randomBytes(MB)
  const Body = Readable.from(Array.from({ length: 12 }, () => piece))

  const upload = new Upload({ client, params: { Bucket, Key: 'multi', Body, ContentType: 'a/b' } })
  const { ETag } = await upload.done()

  assert.match(ETag ?? '', /^"[0-9a-f]{32}-3"$/)
  const answer = await get('multi', { Range: `bytes=${5 * MB - 2}-${5 * MB + 1}` })
  const expected = Buffer.concat([piece.subarray(-2), piece.subarray(0, 2)])
  assert.deepEqual(Buffer.from((await answer.Body?.transformToByteArray()) ?? []), expected)
  const whole = await get('multi')
  assert.equal(whole.ContentType, 'a/b')
  const hash = createHash('md5')
  for (let i = 0; i < 12; i++) hash.update(piece)
  const seen = createHash('md5').update((await whole.Body?.transformToByteArray()) ?? '')
  assert.equal(seen.digest('hex'), hash.digest('hex'))
})

test('multipart: parts are listed, replaced, checked, and gone after an abort', async () => {
  const at = { Bucket, Key: 'parts' }
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(at))
  const part = (PartNumber: number, Body: string | Buffer) =>
    client.send(new s3.UploadPartCommand({ ...at, UploadId, PartNumber, Body }))
  const one = await part(1, 'small')
  const two = await part(2, 'end')
  const complete = (Parts: s3.CompletedPart[]) =>
    client.send(
      new s3.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
    )

  const listed = await client.send(new s3.ListPartsCommand({ ...at, UploadId }))
  assert.deepEqual(
    listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [1, 5],
      [2, 3],
    ],
  )
  const uploads = await client.send(new s3.ListMultipartUploadsCommand({ Bucket }))
  assert.equal(uploads.Uploads?.[0]?.UploadId, UploadId)
  const parts = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ]
  await fails(complete(parts), 'EntityTooSmall', 400)
  await fails(complete(parts.toReversed()), 'InvalidPartOrder', 400)
  await fails(complete([{ PartNumber: 3, ETag: one.ETag }]), 'InvalidPart', 400)
  await fails(complete([{ PartNumber: 1, ETag: two.ETag }]), 'InvalidPart', 400)

  const big = randomBytes(5 * MB)
  const again = await part(1, big)
  await complete([{ PartNumber: 1, ETag: again.ETag }, ...parts.slice(1)])

  assert.equal((await get('parts')).ContentLength, 5 * MB + 3)
  await complete(parts)
  const second = await client.send(new s3.CreateMultipartUploadCommand(at))
  await client.send(new s3.AbortMultipartUploadCommand({ ...at, UploadId: second.UploadId }))
  await fails(
    client.send(
      new s3.UploadPartCommand({ ...at, UploadId: second.UploadId, PartNumber: 1, Body: 'x' }),
    ),
    'NoSuchUpload',
    404,
  )
})

test('UploadPartCopy takes a range of another object', async () => {
  const bytes = randomBytes(6 * MB)
  await put('source', bytes)
  const at = { Bucket, Key: 'from-parts' }
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(at))
  const copy = (PartNumber: number, CopySourceRange: string) =>
    client.send(
      new s3.UploadPartCopyCommand({
        ...at,
        UploadId,
        PartNumber,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      }),
    )

  const one = await copy(1, `bytes=0-${5 * MB - 1}`)
  const two = await copy(2, `bytes=${5 * MB}-${5 * MB + 9}`)
  const Parts = [one, two].map(({ CopyPartResult }, i) => ({
    PartNumber: i + 1,
    ETag: CopyPartResult?.ETag,
  }))
  await client.send(
    new s3.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
  )

  const answer = await get('from-parts')
  const copied = Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
  assert.ok(copied.equals(bytes.subarray(0, 5 * MB + 10)))
})

test('presigned addresses put and get without credentials, until they expire', async () => {
  const Key = 'pre signed/ü.txt'
  const putUrl = await getSignedUrl(client, new s3.PutObjectCommand({ Bucket, Key }))
  const getUrl = await getSignedUrl(
    client,
    new s3.GetObjectCommand({ Bucket, Key, ResponseContentType: 'text/x-mine' }),
    { expiresIn: 60 },
  )

  assert.equal((await fetch(putUrl, { method: 'PUT', body: 'by address' })).status, 200)
  const answer = await fetch(getUrl)

  assert.equal(await answer.text(), 'by address')
  assert.equal(answer.headers.get('content-type'), 'text/x-mine')
  assert.equal((await fetch(getUrl.replace('Expires=60', 'Expires=61'))).status, 403)
  storage.clock.offsetMs = 61_000
  const late = await fetch(getUrl)
  storage.clock.offsetMs = 0
  assert.equal(late.status, 403)
  assert.match(await late.text(), /<Code>AccessDenied<\/Code><Message>Request has expired/)
})

async function post(
  options: Partial<Parameters<typeof createPresignedPost>[1]>,
  file: string,
  extra: Record<string, string> = {},
): Promise<Response> {
  const { url, fields } = await createPresignedPost(client, { Bucket, Key: 'posted/1', ...options })
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...fields, ...extra })) form.set(name, value)
  form.set('file', new Blob([file]), 'läufer.txt')
  return await fetch(url, { method: 'POST', body: form, redirect: 'manual' })
}

test('a browser form with a signed policy uploads within its length range', async () => {
  const Conditions = [['content-length-range', 3, 10] as ['content-length-range', number, number]]

  const good = await post(
    { Conditions, Fields: { success_action_status: '201', 'Content-Type': 'text/plain' } },
    'posted',
  )

  assert.equal(good.status, 201)
  assert.match(await good.text(), /<Key>posted\/1<\/Key>/)
  assert.equal(await text('posted/1'), 'posted')
  assert.equal((await get('posted/1')).ContentType, 'text/plain')
  assert.equal((await post({ Conditions }, 'fine')).status, 204)
  assert.match(await (await post({ Conditions }, 'x'.repeat(11))).text(), /EntityTooLarge/)
  assert.match(await (await post({ Conditions }, 'x')).text(), /EntityTooSmall/)
  assert.equal(await text('posted/1'), 'fine')
})

test('a form that says more than its policy allows is refused', async () => {
  assert.match(
    await (await post({}, 'x', { acl: 'public-read' })).text(),
    /Extra input fields: acl/,
  )
  assert.match(await (await post({}, 'x', { key: 'other' })).text(), /Policy Condition failed/)
  assert.match(await (await post({ Expires: -5 }, 'x')).text(), /Policy expired/)
  assert.match(
    await (await post({}, 'x', { 'X-Amz-Signature': 'a'.repeat(64) })).text(),
    /SignatureDoes/,
  )
})

test('a form may take the name of its file into the key, and lead on to a page', async () => {
  const answer = await post(
    {
      Key: 'up/${filename}',
      Fields: { success_action_redirect: 'http://example.com/done?a=1' },
    },
    'x',
  )

  assert.equal(answer.status, 303)
  assert.match(answer.headers.get('location') ?? '', /^http:\/\/example\.com\/done\?a=1&bucket=/)
  assert.equal(await text('up/läufer.txt'), 'x')
})

test('wrong keys, other buckets and skewed clocks are refused', async () => {
  const other = await storage.newBucket()
  const secretAccessKey = 'x'.repeat(40)
  const wrong = bucket.client({ credentials: { ...bucket.credentials, secretAccessKey } })
  const unknown = bucket.client({ credentials: { accessKeyId: 'HKNOBODY', secretAccessKey } })
  const list = (by: s3.S3Client, at = Bucket) =>
    by.send(new s3.ListObjectsV2Command({ Bucket: at }))

  await fails(list(wrong), 'SignatureDoesNotMatch', 403)
  await fails(list(unknown), 'InvalidAccessKeyId', 403)
  await fails(list(client, other.name), 'AccessDenied', 403)
  await fails(list(client, 'no-such-bucket'), 'AccessDenied', 403)
  await fails(
    client.send(new s3.CopyObjectCommand({ Bucket, Key: 'stolen', CopySource: `${other.name}/x` })),
    'AccessDenied',
  )
  storage.clock.offsetMs = 16 * 60_000
  await fails(list(bucket.client({ maxAttempts: 1 })), 'RequestTimeTooSkewed', 403)
  storage.clock.offsetMs = 0
})

test('without a signature only public-read objects are given', async () => {
  await put('secret', 'x')
  await put('public', 'for all', { ACL: 'public-read' })
  const of = (path: string, init = {}) => fetch(`${bucket.endpoint}/${Bucket}/${path}`, init)

  assert.equal((await of('secret')).status, 403)
  assert.equal((await of('not-there')).status, 403)
  assert.equal((await of('')).status, 403)
  assert.equal(await (await of('public')).text(), 'for all')
  assert.equal((await of('public', { method: 'DELETE' })).status, 403)
  assert.equal((await fetch(bucket.endpoint)).status, 403)
})

test('buckets: head, location, list, and to make sure of ours is fine', async () => {
  await client.send(new s3.HeadBucketCommand({ Bucket }))
  await client.send(new s3.GetBucketLocationCommand({ Bucket }))
  const { Buckets } = await client.send(new s3.ListBucketsCommand({}))

  assert.deepEqual(
    Buckets?.map(({ Name }) => Name),
    [Bucket],
  )
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await fails(
    client.send(new s3.PutObjectTaggingCommand({ Bucket, Key: 'x', Tagging: { TagSet: [] } })),
    'NotImplemented',
    501,
  )
})

test('pages of any origin may use signed addresses, until the bucket has its own rules', async () => {
  const preflight = (origin: string) =>
    fetch(`${bucket.endpoint}/${Bucket}/x`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
  assert.equal((await preflight('https://a.example')).status, 200)

  await client.send(
    new s3.PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: ['https://*.example'],
            AllowedMethods: ['PUT'],
            AllowedHeaders: ['*'],
            ExposeHeaders: ['ETag'],
          },
        ],
      },
    }),
  )

  const answer = await preflight('https://a.example')
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://a.example')
  assert.equal((await preflight('https://evil.test')).status, 403)
  const { CORSRules } = await client.send(new s3.GetBucketCorsCommand({ Bucket }))
  assert.deepEqual(CORSRules?.[0]?.ExposeHeaders, ['ETag'])
  await client.send(new s3.DeleteBucketCorsCommand({ Bucket }))
})

test('a full bucket takes no more, in one piece, in parts or by form', async () => {
  const small = await storage.newBucket(1000)
  const mine = small.client()
  const putSmall = (Key: string, size: number) =>
    mine.send(new s3.PutObjectCommand({ Bucket: small.name, Key, Body: 'x'.repeat(size) }))

  await putSmall('a', 900)
  await fails(putSmall('b', 101), 'QuotaExceeded', 403)
  await putSmall('b', 100)
  await mine.send(new s3.DeleteObjectCommand({ Bucket: small.name, Key: 'a' }))
  await putSmall('c', 900)

  const { UploadId } = await mine.send(
    new s3.CreateMultipartUploadCommand({ Bucket: small.name, Key: 'm' }),
  )
  const part = { Bucket: small.name, Key: 'm', UploadId, PartNumber: 1, Body: 'x' }
  await fails(mine.send(new s3.UploadPartCommand(part)), 'QuotaExceeded', 403)
  mine.destroy()
})

test('who reads while an object is replaced gets the old one whole', async () => {
  const [old, young] = [randomBytes(8 * MB), randomBytes(8 * MB)]
  await put('replaced', old)

  const answer = await get('replaced')
  await put('replaced', young)

  const seen = Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
  assert.ok(seen.equals(old))
})

async function uploadInParts(
  Key: string,
  bodies: readonly Buffer[],
  more = {},
): Promise<s3.CompleteMultipartUploadCommandOutput> {
  const at = { Bucket, Key }
  const { UploadId, ChecksumAlgorithm } = await client.send(
    new s3.CreateMultipartUploadCommand({ ...at, ...more }),
  )
  const Parts: s3.CompletedPart[] = []
  for (const [i, Body] of bodies.entries()) {
    const part = { ...at, UploadId, PartNumber: i + 1, Body, ChecksumAlgorithm }
    const { $metadata: _, ...sums } = await client.send(new s3.UploadPartCommand(part))
    Parts.push({ PartNumber: i + 1, ...sums })
  }
  return await client.send(
    new s3.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
  )
}

const PARTS = [randomBytes(5 * MB), randomBytes(5 * MB + 3), randomBytes(1001)]

for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
  test(`an upload in parts has the ${ChecksumAlgorithm} of the whole`, async () => {
    const name = `Checksum${ChecksumAlgorithm}` as const
    const whole = createChecksum(ChecksumAlgorithm.toLowerCase() as 'crc32')
    whole.update(Buffer.concat(PARTS))

    const done = await uploadInParts(`whole/${name}`, PARTS, {
      ChecksumAlgorithm,
      ChecksumType: 'FULL_OBJECT',
    })

    assert.equal(done[name], whole.digest())
    assert.equal(done.ChecksumType, 'FULL_OBJECT')
    const at = { Bucket, Key: `whole/${name}`, ChecksumMode: 'ENABLED' } as const
    assert.equal((await client.send(new s3.HeadObjectCommand(at)))[name], whole.digest())
  })
}

test('an upload in parts has a SHA-256 of those of its parts, never one of the whole', async () => {
  const done = await uploadInParts('composite', PARTS, { ChecksumAlgorithm: 'SHA256' })

  const digests = PARTS.map((part) => createHash('sha256').update(part).digest())
  const expected = createHash('sha256').update(Buffer.concat(digests)).digest('base64')
  assert.equal(done.ChecksumSHA256, `${expected}-3`)
  assert.equal(done.ChecksumType, 'COMPOSITE')
  const impossible = { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }
  await fails(uploadInParts('impossible', PARTS, impossible), 'InvalidRequest', 400)
})

test('parts can be read by their number', async () => {
  await uploadInParts('numbered', PARTS)

  const second = await get('numbered', { PartNumber: 2 })

  assert.equal(second.PartsCount, 3)
  assert.equal(second.ContentRange, `bytes ${5 * MB}-${10 * MB + 2}/${10 * MB + 1004}`)
  const bytes = Buffer.from((await second.Body?.transformToByteArray()) ?? [])
  assert.ok(bytes.equals(PARTS[1] ?? Buffer.alloc(0)))
  await fails(get('numbered', { PartNumber: 4 }), 'InvalidPartNumber', 416)
})

test('attributes tell of an object without its bytes', async () => {
  await uploadInParts('attributes', PARTS, { ChecksumAlgorithm: 'CRC32' })

  const attributes = await client.send(
    new s3.GetObjectAttributesCommand({
      Bucket,
      Key: 'attributes',
      ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'ObjectSize'],
    }),
  )

  assert.match(attributes.ETag ?? '', /^[0-9a-f]{32}-3$/)
  assert.equal(attributes.ObjectSize, 10 * MB + 1004)
  assert.equal(attributes.ObjectParts?.TotalPartsCount, 3)
  assert.match(attributes.Checksum?.ChecksumCRC32 ?? '', /-3$/)
})

test('unfinished uploads are listed page by page', async () => {
  const other = await storage.newBucket()
  const mine = other.client()
  const keys = ['a', 'b', 'b', 'c/ü']
  for (const Key of keys) {
    await mine.send(new s3.CreateMultipartUploadCommand({ Bucket: other.name, Key }))
  }

  const found: string[] = []
  let marker: Pick<s3.ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> = {}
  for (let page = 0; page < 5; page++) {
    const { Uploads = [], ...listed } = await mine.send(
      new s3.ListMultipartUploadsCommand({ Bucket: other.name, MaxUploads: 1, ...marker }),
    )
    found.push(...Uploads.map(({ Key = '' }) => Key))
    if (listed.IsTruncated !== true) break
    marker = { KeyMarker: listed.NextKeyMarker, UploadIdMarker: listed.NextUploadIdMarker }
  }

  assert.deepEqual(found, keys)
  mine.destroy()
})

test('every object is its only version', async () => {
  await put('versions/a', 'x')

  const { Versions = [] } = await client.send(
    new s3.ListObjectVersionsCommand({ Bucket, Prefix: 'versions/' }),
  )

  assert.deepEqual(
    Versions.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
    [['versions/a', 'null', true]],
  )
  await client.send(
    new s3.DeleteObjectCommand({ Bucket, Key: 'versions/a', VersionId: Versions[0]?.VersionId }),
  )
  await fails(get('versions/a'), 'NoSuchKey', 404)
})

test('what cannot be set is refused as not implemented', async () => {
  await put('plain', 'x')

  await fails(client.send(new s3.GetBucketPolicyCommand({ Bucket })), 'NoSuchBucketPolicy', 404)
  await fails(client.send(new s3.GetBucketTaggingCommand({ Bucket })), 'NoSuchTagSet', 404)
  const lifecycle = new s3.GetBucketLifecycleConfigurationCommand({ Bucket })
  await fails(client.send(lifecycle), 'NoSuchLifecycleConfiguration', 404)
  const { TagSet } = await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'plain' }))
  assert.deepEqual(TagSet, [])
})

test('ACLs are private or public-read, and say so', async () => {
  await put('acl', 'x')
  const at = { Bucket, Key: 'acl' }
  const grantees = async (): Promise<unknown[]> =>
    ((await client.send(new s3.GetObjectAclCommand(at))).Grants ?? []).map(
      ({ Permission }) => Permission,
    )
  assert.deepEqual(await grantees(), ['FULL_CONTROL'])

  await client.send(new s3.PutObjectAclCommand({ ...at, ACL: 'public-read' }))

  assert.deepEqual(await grantees(), ['FULL_CONTROL', 'READ'])
  assert.equal((await fetch(`${bucket.endpoint}/${Bucket}/acl`)).status, 200)
  const bucketAcl = await client.send(new s3.GetBucketAclCommand({ Bucket }))
  assert.equal(bucketAcl.Grants?.length, 1)
  const grants = { AccessControlPolicy: { Grants: [], Owner: { ID: 'x' } } }
  await fails(client.send(new s3.PutObjectAclCommand({ ...at, ...grants })), 'NotImplemented', 501)
  await client.send(new s3.PutObjectAclCommand({ ...at, ACL: 'private' }))
  assert.equal((await fetch(`${bucket.endpoint}/${Bucket}/acl`)).status, 403)
})

test('a conditional delete deletes what it names only', async () => {
  const put = () => client.send(new s3.PutObjectCommand({ Bucket, Key: 'held', Body: 'abc' }))
  const { ETag } = await put()
  const wrong = '"00000000000000000000000000000000"'
  const remove = (Key: string, IfMatch: string) =>
    client.send(new s3.DeleteObjectCommand({ Bucket, Key, IfMatch }))
  const removeAll = (etag: string | undefined) =>
    client.send(
      new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'held', ETag: etag }] } }),
    )

  await fails(remove('held', wrong), 'PreconditionFailed', 412)
  await fails(remove('missing', wrong), 'NoSuchKey', 404)
  const { Deleted, Errors } = await removeAll(wrong)
  await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'held' }))
  const through = await removeAll(ETag)
  await put()
  await remove('held', ETag ?? '')

  assert.deepEqual([Deleted ?? [], Errors?.[0]?.Code], [[], 'PreconditionFailed'])
  assert.equal(through.Deleted?.[0]?.Key, 'held')
})

test('what we do not know changes nothing', async () => {
  const Key = 'unchanged'
  await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: 'abc' }))

  await fails(
    client.send(new s3.PutObjectCommand({ Bucket, Key, Body: 'def', WriteOffsetBytes: 3 })),
    'NotImplemented',
    501,
  )
  await fails(
    client.send(
      new s3.PutObjectCommand({ Bucket, Key, Body: 'x', ExpectedBucketOwner: '123456789012' }),
    ),
    'AccessDenied',
    403,
  )
  await fails(
    client.send(new s3.GetBucketOwnershipControlsCommand({ Bucket })),
    'NotImplemented',
    501,
  )

  const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key }))
  assert.equal(await Body?.transformToString(), 'abc')
})

test('completing an upload again gives the same answer; its checksum is that of the object', async () => {
  const Key = 'twice'
  const { UploadId } = await client.send(
    new s3.CreateMultipartUploadCommand({
      Bucket,
      Key,
      ChecksumAlgorithm: 'CRC32',
      ChecksumType: 'FULL_OBJECT',
    }),
  )
  const place = { Bucket, Key, UploadId, PartNumber: 1 }
  const { ETag } = await client.send(
    new s3.UploadPartCommand({ ...place, Body: 'abc', ChecksumAlgorithm: 'CRC32' }),
  )
  // CRC32 of "abc".
  const complete = (ChecksumCRC32: string) =>
    client.send(
      new s3.CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        ChecksumCRC32,
        ChecksumType: 'FULL_OBJECT',
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    )

  await fails(complete('AAAAAA=='), 'BadDigest', 400)
  const [first, second] = [await complete('NSRBwg=='), await complete('NSRBwg==')]

  assert.equal(second.ETag, first.ETag)
})

test('a part is copied from one whole range within the source, or not at all', async () => {
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'five', Body: 'abcde' }))
  const Key = 'copied'
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key }))
  const copy = (CopySourceRange: string) =>
    client.send(
      new s3.UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber: 1,
        CopySource: `${Bucket}/five`,
        CopySourceRange,
      }),
    )

  for (const range of ['0-2', 'bytes=0', 'bytes=hello-world', 'bytes=0-2,3-5', 'bytes=-2']) {
    await fails(copy(range), 'InvalidArgument', 400)
  }
  await fails(copy('bytes=0-21'), 'InvalidRange', 416)
  await copy('bytes=0-4')
})

test('an ACL that is read can be put back: its grantees have a type', async () => {
  await client.send(
    new s3.PutObjectCommand({ Bucket, Key: 'shared', Body: 'abc', ACL: 'public-read' }),
  )

  const { Grants } = await client.send(new s3.GetObjectAclCommand({ Bucket, Key: 'shared' }))

  assert.deepEqual(
    Grants?.map(({ Grantee, Permission }) => [Grantee?.Type, Permission]),
    [
      ['CanonicalUser', 'FULL_CONTROL'],
      ['Group', 'READ'],
    ],
  )
})
