import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { homeAt, openStore } from '../store/index.ts'
import { archiveFile, signArchive, verifyArchive } from './archive.ts'
import { finishRestore, journalFile, stagedFolder } from './finish-restore.ts'
import { createBackup } from './index.ts'
import { stageHome } from './stage.ts'

function folderFor(context: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-backup-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const PASSPHRASE = 'correct horse battery'

async function smallArchive(folder: string): Promise<string> {
  const archive = join(folder, 'archive')
  mkdirSync(archive)
  writeFileSync(join(folder, 'a'), 'first file')
  writeFileSync(join(folder, 'b'), '')
  const files = [
    await archiveFile(join(folder, 'a'), archive, 'slugs/a'),
    await archiveFile(join(folder, 'b'), archive, 'slugs/b'),
  ]
  const manifest = { format: 1 as const, version: '0', createdAt: '2026-11-30T00:00:00Z', files }
  await signArchive(archive, manifest, { key: { mode: 0o600, content: 'c2VjcmV0' } }, PASSPHRASE)
  return archive
}

test('an archive that is cut, altered or of another passphrase is refused', async (t) => {
  const folder = folderFor(t)
  const archive = await smallArchive(folder)
  const whole = await verifyArchive(archive, PASSPHRASE)
  const damages: [string, (copy: string) => void][] = [
    ['one byte changed', (copy) => writeFileSync(join(copy, 'files/slugs/a'), 'firsT file')],
    ['cut', (copy) => writeFileSync(join(copy, 'files/slugs/a'), 'first fil')],
    ['longer', (copy) => writeFileSync(join(copy, 'files/slugs/b'), 'x')],
    ['file gone', (copy) => rmSync(join(copy, 'files/slugs/b'))],
    ['list gone', (copy) => rmSync(join(copy, 'manifest.json'))],
    ['signature gone', (copy) => rmSync(join(copy, 'signature.json'))],
    ['signature cut', (copy) => writeFileSync(join(copy, 'signature.json'), '{"salt":')],
    [
      'file taken off the list',
      (copy) =>
        edit(join(copy, 'manifest.json'), (text) => text.replace(/,\{[^}]*slugs\/b[^}]*\}/, '')),
    ],
    [
      'path changed',
      (copy) => edit(join(copy, 'manifest.json'), (text) => text.replace('slugs/a', '../slugs/a')),
    ],
    ['keys altered', (copy) => edit(join(copy, 'keys.sealed'), (text) => `${text}x`)],
  ]

  assert.equal(whole.sealed['key']?.content, 'c2VjcmV0')
  assert.ok(!readFileSync(join(archive, 'keys.sealed')).includes('c2VjcmV0'))
  await assert.rejects(verifyArchive(archive, 'another passphrase'), /passphrase is not the one/)
  for (const [name, damage] of damages) {
    const copy = join(folder, name)
    cpSync(archive, copy, { recursive: true })
    damage(copy)
    await assert.rejects(verifyArchive(copy, PASSPHRASE), /is damaged|not a whole backup/, name)
  }
})

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'latin1')), 'latin1')
}

/** An old home with a restored one beside it, as a restore leaves them before its last step. */
function halfRestored(root: string, hasJournal: boolean) {
  const home = homeAt(root)
  const staged = stagedFolder(home)
  mkdirSync(join(staged, 'slugs'), { recursive: true })
  mkdirSync(join(root, 'slugs'))
  mkdirSync(join(root, 'unpacked'))
  for (const [at, content] of [
    [root, 'old'],
    [staged, 'new'],
  ] as const) {
    writeFileSync(join(at, 'hokku.sqlite'), content)
    writeFileSync(join(at, 'slugs/layer'), content)
  }
  writeFileSync(join(staged, 'key'), 'new')
  const journal = {
    incoming: ['hokku.sqlite', 'slugs', 'key'],
    retired: ['unpacked', 'dynos'],
    kept: 'before-restore-1',
  }
  if (hasJournal) writeFileSync(journalFile(home), JSON.stringify(journal))
  return home
}

test('a restore that was killed before its journal has changed nothing', (t) => {
  const root = join(folderFor(t), 'home')
  const home = halfRestored(root, false)

  assert.equal(finishRestore(home), undefined)

  assert.equal(readFileSync(home.database, 'utf8'), 'old')
  assert.ok(existsSync(join(root, 'unpacked')))
  assert.ok(!existsSync(stagedFolder(home)))
})

test('a restore that was killed at any moment after it is finished by the next start', (t) => {
  const folder = folderFor(t)
  for (let killedAt = 0; killedAt < 10; killedAt++) {
    const root = join(folder, String(killedAt))
    const home = halfRestored(root, true)
    let left = killedAt
    const dying = (from: string, to: string): void => {
      if (left-- === 0) throw new Error('killed')
      renameSync(from, to)
    }

    try {
      finishRestore(home, dying)
    } catch {
      finishRestore(home)
    }

    assert.equal(readFileSync(home.database, 'utf8'), 'new')
    assert.equal(readFileSync(join(root, 'slugs/layer'), 'utf8'), 'new')
    assert.equal(readFileSync(home.key, 'utf8'), 'new')
    assert.ok(!existsSync(join(root, 'unpacked')))
    assert.equal(readFileSync(join(root, 'before-restore-1/hokku.sqlite'), 'utf8'), 'old')
    assert.equal(readFileSync(join(root, 'before-restore-1/slugs/layer'), 'utf8'), 'old')
    assert.ok(!existsSync(journalFile(home)))
  }
})

test('what was acknowledged before a backup is in it, even if more is written meanwhile', async (t) => {
  const folder = folderFor(t)
  const home = homeAt(join(folder, 'home'))
  const store = openStore(home)
  t.after(() => store.close())
  mkdirSync(home.slugs, { recursive: true })
  store.accounts.create('before@example.com')
  writeFileSync(join(home.slugs, 'layer'), 'as it was')

  const staging = stageHome(home, join(folder, 'stage'))
  for (let i = 0; i < 50; i++) store.accounts.create(`${i}@example.com`)
  await staging
  rmSync(join(home.slugs, 'layer'))

  assert.equal(readFileSync(join(folder, 'stage/slugs/layer'), 'utf8'), 'as it was')
  const copy = openStore({ database: join(folder, 'stage/hokku.sqlite'), key: home.key })
  assert.ok(copy.accounts.find('before@example.com'))
  copy.close()
})

test('a backup that fails leaves no folder that looks like one', async (t) => {
  const folder = folderFor(t)
  const home = homeAt(join(folder, 'home'))
  openStore(home).close()
  writeFileSync(home.slugs, 'not a folder')
  rmSync(home.database)

  const backup = createBackup(join(folder, 'backups'), {
    home,
    version: '0',
    passphrase: PASSPHRASE,
    searchPath: '',
    now: () => new Date(),
    say: () => {},
  })

  await assert.rejects(backup)
  assert.deepEqual(readdirSync(join(folder, 'backups')), [])
  assert.deepEqual(readdirSync(home.backups), [])
})
