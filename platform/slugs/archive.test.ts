import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { packLayer, unpackLayer } from './archive.ts'
import { listTree } from '../sandbox/index.ts'
import { digestOf } from './tree.ts'

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-archive-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function sampleTree(folder: string): string {
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, '@scope/empty'), { recursive: true })
  writeFileSync(join(tree, '@scope/package.json'), '{}')
  writeFileSync(join(tree, 'run'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(tree, 'ünïcode name.txt'), 'text')
  symlinkSync('../outside', join(tree, 'link'))
  return tree
}

test('a layer comes out of its archive as it went in', async (context) => {
  const folder = temporaryFolder(context)
  const tree = sampleTree(folder)
  const entries = await listTree(tree)

  const { checksum } = await packLayer(tree, entries, join(folder, 'a.tar.zst'), 'in/side/')
  await unpackLayer({ file: join(folder, 'a.tar.zst'), checksum }, join(folder, 'out'), null)

  const out = join(folder, 'out/in/side')
  assert.deepEqual(await listTree(out), entries)
  assert.equal(readFileSync(join(out, '@scope/package.json'), 'utf8'), '{}')
  assert.equal(readlinkSync(join(out, 'link')), '../outside')
  assert.equal(statSync(join(out, 'run')).mode & 0o777, 0o755)
  assert.equal(digestOf(await listTree(out)), digestOf(entries))
})

test('equal trees have one digest; a name, a mode or a byte makes another', async (context) => {
  const folder = temporaryFolder(context)
  const tree = sampleTree(folder)
  const digest = async () => digestOf(await listTree(tree))
  const first = await digest()

  assert.equal(await digest(), first)
  writeFileSync(join(tree, 'ünïcode name.txt'), 'next')
  const second = await digest()
  assert.notEqual(second, first)
  rmSync(join(tree, '@scope/empty'), { recursive: true })
  assert.notEqual(await digest(), second)
})

test('a cut archive leaves nothing behind', async (context) => {
  const folder = temporaryFolder(context)
  const tree = sampleTree(folder)
  const file = join(folder, 'a.tar.zst')
  const { checksum, bytes } = await packLayer(tree, await listTree(tree), file)
  truncateSync(file, bytes - 5)

  const unpacking = unpackLayer({ file, checksum }, join(folder, 'out'), null)

  await assert.rejects(unpacking, { code: 'slug_corrupt' })
  assert.ok(!existsSync(join(folder, 'out')))
  assert.deepEqual(readdirSync(folder).toSorted(), ['a.tar.zst', 'tree'])
})
