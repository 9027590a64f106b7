import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCountDue } from './disk-pace.ts'

const MB = 2 ** 20

test('trees are counted when the disk fills, and now and then', () => {
  const free = { bytes: 10_000 * MB, files: 1e6 }
  const last = { at: 0, free }

  assert.equal(isCountDue(undefined, 0, free), true)
  assert.equal(isCountDue(last, 5000, free), false)
  assert.equal(isCountDue(last, 60_000, free), true)
  assert.equal(isCountDue(last, 5000, { ...free, bytes: 9000 * MB }), true)
  assert.equal(isCountDue(last, 5000, { ...free, files: 1000 }), true)
})
