import { Problem } from '@hokku/kit/problem'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue } from './event.ts'
import { readEvent } from './event-reader.ts'

const NOW_MS = Date.UTC(2020, 0, 1)
const rate = {
  event: 'rate',
  entityType: 'user',
  entityId: '1',
  targetEntityType: 'item',
  targetEntityId: '2',
}
const set = { event: '$set', entityType: 'user', entityId: '1' }
const mapping = (core: string) => `org.json4s.package$MappingException: ${core}`
const missing = (core: string) => `org.apache.predictionio.data.storage.DataMapException: ${core}`
const illegal = (core: string) => `java.lang.IllegalArgumentException: requirement failed: ${core}`

const REFUSED: readonly (readonly [string, JsonValue, string])[] = [
  ['no event', { entityType: 'user', entityId: '1' }, missing('The field event is required.')],
  ['no entityType', { event: 'x', entityId: '1' }, missing('The field entityType is required.')],
  ['no entityId', { event: 'x', entityType: 'u' }, missing('The field entityId is required.')],
  [
    'several fields missing: the first is named',
    { event: 'malformed-event' },
    missing('The field entityType is required.'),
  ],
  [
    'a required null',
    { ...rate, entityId: null },
    missing('The required field entityId cannot be null.'),
  ],
  ['a boolean name', { ...rate, event: true }, mapping('The field event must be a string.')],
  [
    'properties that are a list',
    { ...rate, properties: [1] },
    mapping('The field properties must be a JSON object.'),
  ],
  [
    'a time without zone',
    { ...rate, eventTime: '2014-09-09T16:17:42' },
    mapping('Fail to extract eventTime 2014-09-09T16:17:42'),
  ],
  ['an epoch time', { ...rate, eventTime: 123 }, mapping('Fail to extract eventTime 123')],
  [
    'a missing field before a bad time',
    { event: 'x', entityType: 'u', eventTime: 'x' },
    missing('The field entityId is required.'),
  ],
  ['an empty event', { ...rate, event: '' }, illegal('event must not be empty.')],
  [
    'an empty entityType',
    { ...rate, entityType: '' },
    illegal('entityType must not be empty string.'),
  ],
  ['an empty entityId', { ...rate, entityId: '' }, illegal('entityId must not be empty string.')],
  [
    'an empty targetEntityType',
    { ...rate, targetEntityType: '' },
    illegal('targetEntityType must not be empty string'),
  ],
  [
    'an empty targetEntityId',
    { ...rate, targetEntityId: '' },
    illegal('targetEntityId must not be empty string.'),
  ],
  [
    'half a target',
    { ...set, event: 'x', targetEntityType: 'item' },
    illegal('targetEntityType and targetEntityId must be specified together.'),
  ],
  [
    '$unset of nothing',
    { ...set, event: '$unset' },
    illegal('properties cannot be empty for $unset event'),
  ],
  [
    'an unknown $ event',
    { ...rate, event: '$buy' },
    illegal('$buy is not a supported reserved event name.'),
  ],
  [
    'a pio_ event',
    { ...rate, event: 'pio_x' },
    illegal('pio_x is not a supported reserved event name.'),
  ],
  [
    '$set with a target',
    { ...rate, event: '$set' },
    illegal('Reserved event $set cannot have targetEntity'),
  ],
  [
    'a reserved entityType',
    { ...rate, entityType: 'pio_user' },
    illegal("The entityType pio_user is not allowed. 'pio_' is a reserved name prefix."),
  ],
  [
    'a reserved targetEntityType',
    { ...rate, targetEntityType: '$item' },
    illegal("The targetEntityType $item is not allowed. 'pio_' is a reserved name prefix."),
  ],
  [
    'a reserved property',
    { ...set, properties: { a: 1, pio_b: 2 } },
    illegal("The property pio_b is not allowed. 'pio_' is a reserved name prefix."),
  ],
  ['no object', [rate], mapping('Expected an event, which is a JSON object.')],
  ['NUL', { ...rate, entityId: 'a\0' }, illegal('The field entityId contains a NUL character.')],
  [
    'NUL deep in properties',
    { ...set, properties: { a: [{ b: '\0' }] } },
    illegal('The field properties contains a NUL character.'),
  ],
  [
    'half a surrogate pair',
    { ...set, properties: { a: '\ud800' } },
    illegal('The field properties contains half a surrogate pair.'),
  ],
  [
    'a name that no index can hold',
    { ...rate, entityId: 'x'.repeat(1001) },
    illegal('The field entityId is longer than 1000 bytes.'),
  ],
]

for (const [what, json, message] of REFUSED) {
  test(`an event with ${what} is refused`, () => {
    assert.throws(
      () => readEvent(json, NOW_MS),
      (error) => error instanceof Problem && error.message === message && error.status === 400,
    )
  })
}

test('numbers become the text of names and ids, big ones too', () => {
  const event = readEvent({ event: 1.5, entityType: 2, entityId: 12345678901234567890n }, NOW_MS)

  assert.deepEqual(
    [event.event, event.entityType, event.entityId],
    ['1.5', '2', '12345678901234567890'],
  )
})

test('absent and null optionals are the same, and time defaults to now in UTC', () => {
  const event = readEvent({ ...set, properties: null, eventTime: null, prId: null }, NOW_MS)

  assert.deepEqual(event, {
    ...set,
    properties: {},
    eventTime: { ms: NOW_MS, offsetMinutes: 0 },
    prId: undefined,
    id: undefined,
    targetEntityType: undefined,
    targetEntityId: undefined,
  })
})

test('pio_pr may be an entity type, and events may come from the future', () => {
  const event = readEvent({ ...rate, entityType: 'pio_pr', eventTime: '2999-01-01T00:00:00Z' }, 0)

  assert.equal(event.eventTime.ms, Date.UTC(2999, 0, 1))
})
