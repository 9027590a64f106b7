import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { countCrash, restartDelayMs } from './back-off.ts'

test('the first crash restarts at once', () => {
  assert.equal(restartDelayMs(1, 0.5), 0)
})

test('further crashes wait longer each time', () => {
  const delays = [2, 3, 4, 5].map((crashes) => restartDelayMs(crashes, 0.5))

  assert.deepEqual(delays, [5000, 10_000, 20_000, 40_000])
})

test('however often it crashed, a dyno is tried again within 24 minutes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (crashes, random) => {
        const delay = restartDelayMs(crashes, random)
        return delay >= 0 && delay <= 24 * 60_000
      },
    ),
  )
})

test('a dyno that was up for long starts counting anew', () => {
  assert.equal(countCrash(7, 60_000), 8)
  assert.equal(countCrash(7, 11 * 60_000), 1)
})
