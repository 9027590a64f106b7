import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from '../storage/storage.ts'
import { createFileModels } from './effects/file-models.ts'
import { decodeModel, encodeModel } from './model-file.ts'
import type { ModelStore } from './model-store.ts'

// Models in S3 are tested with a real server in tests/stories/engine-s3.system.ts.
const directory = mkdtempSync(join(tmpdir(), 'hokku-models-'))
let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage

before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
})
after(async () => {
  await storage.close()
  await database.drop()
  rmSync(directory, { recursive: true })
})

const stores: Readonly<Record<string, () => Promise<ModelStore>>> = {
  PostgreSQL: () => storage.models(),
  files: async () => createFileModels(directory, 'pio_model_'),
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

test('a folder that cannot be written to is an error that names it', async () => {
  const path = join(directory, 'a-file')
  writeFileSync(path, '')
  const store = createFileModels(path, 'pio_model_')

  for (const use of [() => store.save('x', Buffer.from('x')), () => store.load('x')]) {
    await assert.rejects(use(), {
      code: 'storage_unreachable',
      message:
        /^The folder .*a-file cannot be used: (EEXIST: file already exists|ENOTDIR: not a directory)\.$/,
    })
  }
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
