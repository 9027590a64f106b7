import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from './testing.ts'
import { explainSqlite } from './sqlite-failure.ts'

const failure = (errcode: number): Error =>
  Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode })

test('a full, failing or read-only disk is reported by its name', () => {
  const codes = [13, 10, 266, 8, 1032].map((errcode) => explainSqlite(failure(errcode))?.code)

  assert.deepEqual(codes, [
    'disk_full',
    'disk_failing',
    'disk_failing',
    'disk_read_only',
    'disk_read_only',
  ])
})

test('a failure of the statement itself, or of anything else, is left as it is', () => {
  assert.equal(explainSqlite(failure(19)), undefined)
  assert.equal(explainSqlite(new Error('no')), undefined)
})

test('a database that may not grow says that the disk is full, and loses nothing', () => {
  using opened = openTestStore()
  const { db, accounts } = opened.store
  accounts.create('before@example.com')
  const pages = Number(db.get('pragma page_count')?.['page_count'])
  db.all(`pragma max_page_count = ${pages}`)
  const fill = (): void => {
    for (let i = 0; i < 2000; i++) accounts.create(`${i}-${'x'.repeat(200)}@example.com`)
  }

  assert.throws(() => db.transaction(fill), { code: 'disk_full', status: 507 })

  assert.equal(db.all('select * from accounts').length, 1)
  db.all('pragma max_page_count = 1000000')
  db.transaction(() => accounts.create('after@example.com'))
  assert.equal(db.all('select * from accounts').length, 2)
})
