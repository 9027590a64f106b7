import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restartDelayMs } from './back-off.ts'

test('the first restart is at once, later ones wait longer, none more than 30 seconds', () => {
  assert.deepEqual([0, 1, 2, 3, 20].map(restartDelayMs), [0, 250, 500, 1000, 30_000])
})
