import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventId } from './event-id.ts'

test('an id is a UUIDv7 of 32 hex digits that begins with its time', () => {
  const nowMs = Date.now() + 60_000

  const id = createEventId(nowMs)

  assert.match(id, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  assert.equal(Number.parseInt(id.slice(0, 12), 16), nowMs)
})

test('every id is greater than the one before, even if the clock goes backward', () => {
  const nowMs = Date.now()
  const times = [...Array.from({ length: 10_000 }, () => nowMs), nowMs - 5000, nowMs + 1, 0]

  const ids = times.map(createEventId)

  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids).size, ids.length)
})
