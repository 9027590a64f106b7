import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { homeAt, openStore } from '../store/index.ts'
import { takeSnapshot } from './keep-snapshots.ts'

test('a snapshot is a whole database of the platform; those of a day are kept', async (t) => {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-snapshots-')))
  const store = openStore(home)
  t.after(() => {
    store.close()
    rmSync(home.root, { recursive: true, force: true })
  })
  const effects = { database: store.db, backups: home.backups }
  const hour = (at: number): Date => new Date(Date.parse('2026-11-20T00:00:00Z') + at * 3_600_000)
  store.accounts.create('first@example.com')

  for (let at = 0; at < 30; at++) await takeSnapshot(effects, hour(at))
  store.accounts.create('second@example.com')

  const folder = join(home.backups, 'state')
  const names = readdirSync(folder).toSorted()
  assert.equal(names.length, 25)
  assert.equal(names[0], '2026-11-20T05-00-00.sqlite')
  assert.equal(statSync(join(folder, names[0])).mode & 0o777, 0o600)
  const copy = openStore({ ...home, database: join(folder, names.at(-1) ?? '') })
  assert.deepEqual(
    copy.accounts.list().map(({ email }) => email),
    ['first@example.com'],
  )
  copy.close()
})
