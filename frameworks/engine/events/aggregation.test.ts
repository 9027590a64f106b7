import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldProperties } from './aggregation.ts'
import { parseTime } from './event-time.ts'
import type { Properties } from './event.ts'

const at = (event: string, time: string, properties: Properties = {}) => ({
  event,
  properties,
  ms: parseTime(time)?.ms ?? NaN,
})
const HISTORY = [
  at('$set', '2014-09-09T16:17:42.937-08:00', { a: 3, b: 4 }),
  at('$set', '2014-09-10T13:12:04.937-08:00', { b: 5, c: 6 }),
  at('$unset', '2014-09-11T14:17:42.456-08:00', { b: null }),
  at('$delete', '2014-09-12T16:13:41.452-08:00'),
  at('$set', '2014-09-13T16:17:42.143-08:00'),
]

test('an entity set again after its deletion exists, with no properties and all its times', () => {
  assert.deepEqual(foldProperties(HISTORY), {
    properties: {},
    firstUpdatedMs: HISTORY[0]?.ms,
    lastUpdatedMs: HISTORY[4]?.ms,
  })
})

test('later values win key by key', () => {
  assert.deepEqual(foldProperties(HISTORY.slice(0, 2))?.properties, { a: 3, b: 5, c: 6 })
})

test('an entity that was deleted last is gone', () => {
  assert.equal(foldProperties(HISTORY.slice(0, 4)), undefined)
})

test('unsetting what was never set changes nothing', () => {
  const events = [
    at('$unset', '2014-01-01T00:00:00Z', { x: 1 }),
    at('rate', '2014-01-02T00:00:00Z'),
  ]

  assert.equal(foldProperties(events), undefined)
})
