import assert from 'node:assert/strict'
import { test } from 'node:test'
import engine from './engine.ts'

// `hokku ci:run` runs this file.

test('a query asks for at most 100 items, and for 10 unless it says', () => {
  assert.deepEqual(engine.query.parse({}), { num: 10 })
  assert.equal(engine.query.safeParse({ num: 101 }).success, false)
})
