import { createTestDatabase } from '@hokku/kit/postgres/testing'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from '../storage/storage.ts'
import { createFileModels } from './effects/file-models.ts'
import { createS3Models } from './effects/s3-models.ts'
import { decodeModel, encodeModel } from './model-file.ts'
import type { ModelStore } from './model-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'hokku-models-'))
let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage

/** As much of S3 as models need, with the signature's presence checked. */
const objects = new Map<string, Buffer>()
const s3 = createServer((request, response) => {
  const isSigned = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=me/')
  const path = request.url ?? ''
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (isSigned !== true) return response.writeHead(403).end('<Message>Not signed</Message>')
    if (!path.startsWith('/models/')) {
      return response.writeHead(404).end('<Code>NoSuchBucket</Code><Message>No bucket</Message>')
    }
    if (request.method === 'PUT') objects.set(path, Buffer.concat(chunks))
    if (request.method === 'DELETE') objects.delete(path)
    const found = objects.get(path)
    if (request.method === 'GET' && !found) {
      return response.writeHead(404).end('<Code>NoSuchKey</Code>')
    }
    return response.writeHead(200).end(request.method === 'GET' ? found : '')
  })
})
const s3Options = (bucket: string) => ({
  bucket,
  basePath: 'pio',
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${(s3.address() as { port: number }).port}`,
  accessKeyId: 'me',
  secretAccessKey: 'secret',
})

before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
  await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', () => resolve()))
})
after(async () => {
  s3.close()
  await storage.close()
  await database.drop()
  rmSync(directory, { recursive: true })
})

const stores: Readonly<Record<string, () => Promise<ModelStore>>> = {
  PostgreSQL: () => storage.models(),
  files: async () => createFileModels(directory, 'pio_model_'),
  S3: async () => createS3Models(s3Options('models')),
}

for (const [name, open] of Object.entries(stores)) {
  test(`${name}: a model is kept whole, replaced, and gone after its removal`, async () => {
    const store = await open()
    const large = Buffer.alloc(20_000_000, 'abc')

    await store.save('a/b 1', Buffer.from('old'))
    await store.save('a/b 1', large)

    const loaded = await store.load('a/b 1')
    assert.ok(large.equals(loaded ?? Buffer.of()))
    assert.equal(await store.load('other'), undefined)
    await store.delete('a/b 1')
    await store.delete('a/b 1')
    assert.equal(await store.load('a/b 1'), undefined)
  })
}

test('a bucket that is not there is an error that names it, not a missing model', async () => {
  await assert.rejects(createS3Models(s3Options('nobody')).load('x'), {
    code: 'storage_unreachable',
    message: /bucket nobody cannot be used: it answered 404 No bucket/,
  })
})

test('an S3 that does not answer is an error that names the bucket', async () => {
  const nowhere = { ...s3Options('models'), endpoint: 'http://127.0.0.1:1' }

  await assert.rejects(createS3Models(nowhere).load('x'), { code: 'storage_unreachable' })
})

test('models come back with their typed arrays and maps', () => {
  const model = { factors: Float32Array.of(1, 2.5), ids: new Map([['a', 1]]), at: new Date(0) }

  assert.deepEqual(decodeModel(encodeModel(model), 'm'), model)
})

test('a model cut short anywhere, or changed, is refused', () => {
  const bytes = encodeModel({ factors: [1, 2, 3] })
  const changed = Buffer.from(bytes)
  changed[bytes.length - 2] = 99

  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeModel(bytes.subarray(0, length), 'm'), { code: 'model_broken' })
  }
  assert.throws(() => decodeModel(changed, 'm'), { code: 'model_broken' })
})
