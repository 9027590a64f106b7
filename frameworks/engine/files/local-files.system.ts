import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openFiles } from './open-files.ts'

// Files in a bucket are tested with a real server in tests/stories/engine-s3.system.ts.
const home = mkdtempSync(join(tmpdir(), 'hokku-files-'))
after(() => rmSync(home, { recursive: true }))

test('without a bucket, files are in a folder of this machine', async () => {
  const files = openFiles({ HOME: home })

  await files.write('/models/a b.json', '{"ü":1}')
  await files.write('/x', Buffer.from([0, 255]))

  assert.equal(readFileSync(join(home, '.pio_store/files/models/a b.json'), 'utf8'), '{"ü":1}')
  assert.equal(await files.readText('/models/a b.json'), '{"ü":1}')
  assert.deepEqual([...(await files.read('/x'))], [0, 255])
  assert.deepEqual(await files.list('/'), ['/models/a b.json', '/x'])
  assert.deepEqual(await files.list('/models/'), ['/models/a b.json'])
})

test('a missing file is an error to read, empty to list, and fine to delete', async () => {
  const files = openFiles({ HOME: home })

  await assert.rejects(files.read('/no'), {
    code: 'file_missing',
    message: 'There is no file /no.',
  })
  assert.equal(await files.exists('/no'), false)
  assert.deepEqual(await files.list('/nowhere'), [])
  await files.delete('/no')
})
