import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestStorage } from '../object-storage/testing.ts'
import { BackupBucket } from './bucket.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-bucket-'))
const storage = await openTestStorage()
const { name, endpoint, credentials } = await storage.newBucket()
const env = {
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
}
after(async () => {
  await storage.close()
  storage.remove()
  rmSync(root, { recursive: true, force: true })
})

const FILES = {
  'manifest.json': Buffer.from('{}'),
  'files/empty': Buffer.alloc(0),
  'files/apps/a name with + & ü/x': Buffer.from('text'),
  'files/large': randomBytes(33 * 2 ** 20),
}

function folderOf(files: Readonly<Record<string, Buffer>>): string {
  const folder = join(root, 'hokku-2026-11-30T02-00-00')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

test('a backup in a bucket comes back as it was, in parts where it is large, and can go', async () => {
  const bucket = new BackupBucket(env)

  const place = await bucket.upload(folderOf(FILES), `s3://${name}/of hokku/`)
  await bucket.download(place, join(root, 'back'))

  assert.equal(place, `s3://${name}/of hokku/hokku-2026-11-30T02-00-00`)
  for (const [path, content] of Object.entries(FILES)) {
    assert.ok(readFileSync(join(root, 'back', path)).equals(content), path)
  }
  await bucket.remove(place)
  await assert.rejects(bucket.download(place, join(root, 'gone')), /There is no backup at/)
  assert.ok(!existsSync(join(root, 'gone')))
})

test('what is wrong is named: the key, the server, the bucket, the address', async () => {
  const other = new BackupBucket({ ...env, AWS_SECRET_ACCESS_KEY: 'wrong' })
  const nowhere = new BackupBucket({ ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })

  assert.throws(() => new BackupBucket({}), /Backups in a bucket need a key/)
  await assert.rejects(other.remove(`s3://${name}/x`), /answered with 403 SignatureDoesNotMatch/)
  await assert.rejects(nowhere.remove(`s3://${name}/x`), /127\.0\.0\.1:9 cannot be reached/)
  await assert.rejects(
    new BackupBucket(env).remove('s3://no-such-bucket/x'),
    /answered with 40[34]/,
  )
  await assert.rejects(new BackupBucket(env).remove('s3:///x'), /names no bucket/)
})
