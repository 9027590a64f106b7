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
import { digestOf, listTree } from './tree.ts'

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

const nothing = (): Promise<void> => Promise.resolve()

test('a layer comes out of its archive as it went in', async (context) => {
  const folder = temporaryFolder(context)
  const tree = sampleTree(folder)
  const entries = await listTree(tree, new Set())

  const { checksum } = await packLayer(tree, entries, join(folder, 'a.tar.zst'), 'in/side/')
  await unpackLayer(join(folder, 'a.tar.zst'), checksum, join(folder, 'out'), nothing)

  const out = join(folder, 'out/in/side')
  assert.deepEqual(await listTree(out, new Set()), entries)
  assert.equal(readFileSync(join(out, '@scope/package.json'), 'utf8'), '{}')
  assert.equal(readlinkSync(join(out, 'link')), '../outside')
  assert.equal(statSync(join(out, 'run')).mode & 0o777, 0o755)
  assert.equal(await digestOf(out, entries), await digestOf(tree, entries))
})

test('equal trees have one digest; a name, a mode or a byte makes another', async (context) => {
  const folder = temporaryFolder(context)
  const tree = sampleTree(folder)
  const digest = async () => digestOf(tree, await listTree(tree, new Set()))
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
  const { checksum, bytes } = await packLayer(tree, await listTree(tree, new Set()), file)
  truncateSync(file, bytes - 5)

  const unpacking = unpackLayer(file, checksum, join(folder, 'out'), nothing)

  await assert.rejects(unpacking, { code: 'slug_corrupt' })
  assert.ok(!existsSync(join(folder, 'out')))
  assert.deepEqual(readdirSync(folder).toSorted(), ['a.tar.zst', 'tree'])
})
