import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { diskUse } from './disk-use.ts'

const root = mkdtempSync(join(tmpdir(), 'hokku-disk-'))
after(() => rmSync(root, { recursive: true, force: true }))

test('files count by the blocks they hold; holes, and what links lead to, do not', async () => {
  mkdirSync(join(root, 'app/deep'), { recursive: true })
  writeFileSync(join(root, 'app/deep/full'), Buffer.alloc(2 ** 20, 1))
  writeFileSync(join(root, 'app/hole'), '')
  truncateSync(join(root, 'app/hole'), 2 ** 40)
  mkdirSync(join(root, 'other'))
  writeFileSync(join(root, 'other/large'), Buffer.alloc(4 * 2 ** 20, 1))
  symlinkSync(join(root, 'other'), join(root, 'app/link'))
  symlinkSync('/usr', join(root, 'app/usr'))

  const { bytes, files } = await diskUse([join(root, 'app'), join(root, 'not there')])

  assert.ok(bytes >= 2 ** 20 && bytes < 2 * 2 ** 20, `${bytes} bytes`)
  if (process.platform === 'linux') assert.equal(files, 6)
})
