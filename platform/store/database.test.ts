import assert from 'node:assert/strict'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { Database } from './database.ts'
import { openTestStore } from './testing.ts'

const countOf = (db: Database): number => db.all('select * from accounts').length

test('a transaction that fails leaves nothing behind, and the next one works', () => {
  using opened = openTestStore()
  const { db, accounts } = opened.store

  assert.throws(() =>
    db.transaction(() => {
      accounts.create('a@example.com')
      throw new Error('no')
    }),
  )

  assert.equal(countOf(db), 0)
  db.transaction(() => accounts.create('a@example.com'))
  assert.equal(countOf(db), 1)
})

test('a transaction in a transaction is part of it', () => {
  using opened = openTestStore()
  const { db, accounts } = opened.store

  assert.throws(() =>
    db.transaction(() => {
      db.transaction(() => accounts.create('a@example.com'))
      throw new Error('no')
    }),
  )

  assert.equal(countOf(db), 0)
})

test('followers run after the commit, never after a rollback, at once outside a transaction', () => {
  using opened = openTestStore()
  const { db } = opened.store
  const seen: string[] = []

  db.transaction(() => {
    db.afterCommit(() => seen.push('committed'))
    seen.push('working')
  })
  assert.throws(() =>
    db.transaction(() => {
      db.afterCommit(() => seen.push('never'))
      throw new Error('no')
    }),
  )
  db.afterCommit(() => seen.push('at once'))

  assert.deepEqual(seen, ['working', 'committed', 'at once'])
})

test('opening a database again finds its rows and migrates nothing twice', () => {
  using opened = openTestStore()
  opened.store.accounts.create('a@example.com')

  const again = new Database(join(opened.folder, 'hokku.sqlite'))

  assert.equal(countOf(again), 1)
  assert.ok(again.all('select name from migrations').length >= 7)
  again.close()
})

test('a file that is not a database is refused with the way to restore it', () => {
  using opened = openTestStore()
  const file = join(opened.folder, 'other.sqlite')
  writeFileSync(file, 'not a database, and longer than any header of one')

  assert.throws(
    () => new Database(file),
    (error) =>
      error instanceof Problem &&
      error.code === 'state_corrupt' &&
      /put the newest copy in its place/.test(error.hint ?? ''),
  )
})

test('a new folder for the database is for its owner only', () => {
  using opened = openTestStore()
  mkdirSync(join(opened.folder, 'outer'))

  new Database(join(opened.folder, 'outer/home/hokku.sqlite')).close()

  assert.equal(statSync(join(opened.folder, 'outer/home')).mode & 0o777, 0o700)
})
