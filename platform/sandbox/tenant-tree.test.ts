import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { archiveOf, unpackArchive } from './archive.ts'
import { removeTenantEntry, removeTree } from './remove-tree.ts'
import { listPart, listTree } from './tenant-tree.ts'

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-tree-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a tree is listed with what identifies each file, and links are not followed', async (context) => {
  const tree = folderOf(context)
  mkdirSync(join(tree, 'a'))
  writeFileSync(join(tree, 'a/run'), 'x', { mode: 0o755 })
  symlinkSync('/etc', join(tree, 'etc'))
  spawnSync('mkfifo', [join(tree, 'pipe')])

  const entries = await listTree(tree)

  const shown = entries.map(({ path, type, size, content }) => [path, type, size, content])
  const sha256 = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
  assert.deepEqual(shown, [
    ['a', 'folder', 0, ''],
    ['a/run', 'file', 1, sha256],
    ['etc', 'link', 0, '/etc'],
  ])
  assert.equal(entries[1]?.mode, 0o755)
  assert.deepEqual(await listPart(tree, 'etc/passwd'), [])
  assert.deepEqual(
    (await listPart(tree, 'a')).map(({ path }) => path),
    ['a', 'a/run'],
  )
})

test('a name that is not UTF-8 is refused by the folder it is in', async (context) => {
  const tree = folderOf(context)
  mkdirSync(join(tree, 'data'))
  writeFileSync(Buffer.concat([Buffer.from(join(tree, 'data/')), Buffer.from([0x66, 0xe9])]), 'x')

  await assert.rejects(listTree(tree), { message: /^A file name in data is not UTF-8/ })
  await removeTree(tree)
  assert.ok(!existsSync(tree))
})

test('an archive brings back names, modes, links and times as they were', async (context) => {
  const folder = folderOf(context)
  const tree = join(folder, 'tree')
  const long = `${'long-name-'.repeat(12)}ünïcode`
  mkdirSync(join(tree, '@scope', long), { recursive: true })
  writeFileSync(join(tree, '@scope', long, 'file'), 'x'.repeat(100_000))
  writeFileSync(join(tree, 'key'), 'private', { mode: 0o600 })
  writeFileSync(join(tree, 'empty'), '')
  symlinkSync(`${'../'.repeat(40)}${long}`, join(tree, 'link'))
  const entries = await listTree(tree)
  mkdirSync(join(folder, 'out'))

  await unpackArchive(archiveOf(tree, entries), join(folder, 'out'), null)

  assert.deepEqual(await listTree(join(folder, 'out')), entries)
  assert.equal(statSync(join(folder, 'out/key')).mode & 0o777, 0o600)
})

test('an archive that leads out of its folder is refused', async (context) => {
  const folder = folderOf(context)
  mkdirSync(join(folder, 'in/sub'), { recursive: true })
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'in/evil'), 'x')
  const entries = (await listTree(join(folder, 'in'))).map((entry) =>
    entry.path === 'evil' ? { ...entry, path: '../evil', size: 0 } : entry,
  )

  await assert.rejects(unpackArchive(archiveOf(folder, entries), join(folder, 'out'), null), /\.\./)
  assert.ok(!existsSync(join(folder, 'evil')))
})

test('a file below a link of the same archive stays in the folder', async (context) => {
  const folder = folderOf(context)
  mkdirSync(join(folder, 'victim'))
  mkdirSync(join(folder, 'in'))
  writeFileSync(join(folder, 'in/evil'), '')
  const [file] = await listTree(join(folder, 'in'))
  assert.ok(file)
  const link = { ...file, type: 'link', content: join(folder, 'victim'), path: 'l' } as const
  const below = { ...file, path: 'l/evil' }
  mkdirSync(join(folder, 'out'))

  await unpackArchive(archiveOf(folder, [link, below]), join(folder, 'out'), null).catch(() => {})

  assert.deepEqual(readdirSync(join(folder, 'victim')), [])
})

test('removing a tree leaves alone what its links lead to', async (context) => {
  const folder = folderOf(context)
  mkdirSync(join(folder, 'victim'))
  writeFileSync(join(folder, 'victim/file'), 'kept')
  mkdirSync(join(folder, 'tree/sub'), { recursive: true })
  symlinkSync(join(folder, 'victim'), join(folder, 'tree/sub/link'))
  symlinkSync(join(folder, 'victim'), join(folder, 'tree/other'))

  await removeTenantEntry(join(folder, 'tree'), 'other/file')
  await removeTree(join(folder, 'tree'))
  await removeTree(join(folder, 'tree'))

  assert.equal(readFileSync(join(folder, 'victim/file'), 'utf8'), 'kept')
  assert.deepEqual(readdirSync(folder), ['victim'])
})

test('a tree is removed however deep it is nested, and when its folders are read-only', async (context) => {
  const folder = folderOf(context)
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'locked'), { recursive: true })
  writeFileSync(join(tree, 'locked/file'), 'x')
  chmodSync(join(tree, 'locked'), 0o500)
  mkdirSync(join(tree, 'deep/'.repeat(350)), { recursive: true })

  await removeTree(tree)

  assert.deepEqual(readdirSync(folder), [])
})

test('a link is removed, not what it points to', async (context) => {
  const folder = folderOf(context)
  mkdirSync(join(folder, 'real'))
  symlinkSync('real', join(folder, 'link'))

  await removeTree(join(folder, 'link'))

  assert.deepEqual(readdirSync(folder), ['real'])
  symlinkSync('real', join(folder, 'link'))
  assert.equal(readlinkSync(join(folder, 'link')), 'real')
})
