import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from '../storage/storage.ts'
import { foldProperties } from './aggregation.ts'
import type { Feed, JsonValue } from './event.ts'
import { readEvent } from './event-reader.ts'
import type { EventStore } from './event-store.ts'
import { parseTime } from './event-time.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage
let events: EventStore
let apps = 0
/** Its own feed for every test. */
const newFeed = (): Feed => ({ appId: ++apps, channelId: 0 })

before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
  events = await storage.events()
})
after(async () => {
  await storage.close()
  await database.drop()
})

const NOW_MS = Date.UTC(2020, 0, 1)
const read = (json: JsonValue) => readEvent(json, NOW_MS)
const view = (user: string, more: Record<string, JsonValue> = {}) =>
  read({
    event: 'view',
    entityType: 'user',
    entityId: user,
    targetEntityType: 'item',
    targetEntityId: 'i1',
    ...more,
  })
const lines = async function* (...texts: string[]) {
  yield texts
}
const toArray = async <T>(batches: AsyncIterable<T[]>): Promise<T[]> =>
  (await Array.fromAsync(batches)).flat()

test('an event comes back as it was, zone, odd characters and big integers included', async () => {
  const feed = newFeed()
  const event = view('ü\t"\\\n{}', {
    eventTime: '2004-12-13T21:39:45.618-07:00',
    prId: 'p',
    properties: { big: 12345678901234567890n, list: [1, null, { 'k\\': '\t' }], text: '日本' },
  })

  const id = await events.insert(feed, event)
  const stored = await events.get(feed, id)

  assert.match(id, /^[0-9a-f]{32}$/)
  assert.deepEqual(
    { ...stored, id: undefined, creationTime: undefined },
    {
      ...event,
      creationTime: undefined,
    },
  )
  assert.deepEqual(await toArray(events.stream(feed, {})), [stored])
})

test('a thousand events posted at once are all stored, each in its own feed', async () => {
  const [one, other] = [newFeed(), newFeed()]

  const ids = await Promise.all(
    Array.from({ length: 1000 }, (_, n) => events.insert(n % 2 ? one : other, view(String(n)))),
  )

  assert.equal(new Set(ids).size, 1000)
  assert.equal(await events.count(one), 500)
  assert.equal(await events.count(other), 500)
})

test('an id that is taken fails alone, also inside one batch', async () => {
  const feed = newFeed()
  await events.insert(feed, view('a', { eventId: 'taken' }))

  const results = await Promise.allSettled(
    ['new', 'taken', 'twice', 'twice'].map((id) => events.insert(feed, view('b', { eventId: id }))),
  )

  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  )
  assert.equal((await events.get(feed, 'taken'))?.entityId, 'a')
  await events.insert(newFeed(), view('c', { eventId: 'taken' }))
})

test('events are found by time, entity, target and name, in order', async () => {
  const feed = newFeed()
  const day = (n: number) => `2014-11-0${n}T00:00:00Z`
  await events.insert(feed, view('u1', { eventTime: day(3) }))
  await events.insert(feed, view('u1', { eventTime: day(1) }))
  await events.insert(feed, view('u2', { eventTime: day(2), event: 'buy' }))
  await events.insert(feed, read({ event: '$set', entityType: 'user', entityId: 'u1' }))
  const days = async (filter: Parameters<EventStore['find']>[1], page = {}) =>
    (await events.find(feed, filter, page)).map(({ eventTime }) =>
      new Date(eventTime.ms).getUTCDate(),
    )

  assert.deepEqual(await days({ events: ['view', 'buy'] }), [1, 2, 3])
  assert.deepEqual(await days({ entityType: 'user', entityId: 'u1' }, { limit: 2 }), [1, 3])
  assert.deepEqual(await days({ targetEntityId: 'i1' }, { reversed: true }), [3, 2, 1])
  assert.deepEqual(await days({ targetEntityType: null }), [1])
  const window = { startMs: parseTime(day(2))?.ms, untilMs: parseTime(day(3))?.ms }
  assert.deepEqual(await days(window), [2])
  assert.deepEqual(await days({ events: [] }), [])
  assert.deepEqual(await days({ entityId: "x' or true --" }), [])
  assert.deepEqual(await days({ entityId: '\0' }), [])
})

test('events of one instant keep the order of their arrival', async () => {
  const feed = newFeed()
  const users = Array.from({ length: 50 }, (_, n) => String(n))
  await Promise.all(
    users.map((user) => events.insert(feed, view(user, { eventTime: '2014-01-01T00:00:00Z' }))),
  )

  const found = await events.find(feed, {}, {})

  assert.deepEqual(
    found.map(({ entityId }) => entityId),
    users,
  )
})

test('an event is deleted once', async () => {
  const feed = newFeed()
  const id = await events.insert(feed, view('a'))

  assert.equal(await events.delete(feed, id), true)
  assert.equal(await events.delete(feed, id), false)
  assert.equal(await events.get(feed, id), undefined)
})

test('properties are aggregated as one entity alone would be, regardless of the order of arrival', async () => {
  const feed = newFeed()
  const special = (event: string, time: string, properties: JsonValue) =>
    read({ event, entityType: 'user', entityId: 'u', properties, eventTime: time })
  const history = [
    special('$set', '2014-09-09T16:17:42.937-08:00', { a: 3, b: 4 }),
    special('$set', '2014-09-10T13:12:04.937-08:00', { b: 5, c: 6 }),
    special('$unset', '2014-09-11T14:17:42.456-08:00', { b: null }),
  ]
  for (const event of history.toReversed()) await events.insert(feed, event)
  await events.insert(feed, read({ event: '$set', entityType: 'user', entityId: 'empty' }))
  await events.insert(feed, read({ event: '$set', entityType: 'item', entityId: 'u' }))

  const all = await events.aggregateProperties(feed, { entityType: 'user' })
  const early = await events.aggregateProperties(feed, {
    entityType: 'user',
    untilMs: parseTime('2014-09-11T00:00:00Z')?.ms,
    required: ['c'],
  })

  const alone = foldProperties(history.map((e) => ({ ...e, ms: e.eventTime.ms })))
  assert.deepEqual(all.get('u'), alone)
  assert.deepEqual(all.get('empty')?.properties, {})
  assert.equal(all.size, 2)
  assert.deepEqual(
    [...early].map(([id, map]) => [id, map.properties]),
    [['u', { a: 3, b: 5, c: 6 }]],
  )
})

/** The sequence of PredictionIO's own tests, in three orders of arrival. */
for (const order of [
  [0, 1, 2, 3, 4],
  [4, 3, 2, 1, 0],
  [3, 0, 4, 2, 1],
]) {
  test(`set, unset, deleted and set again, arriving as ${order.join(' ')}, is aggregated by time`, async () => {
    const feed = newFeed()
    const history = [
      ['$set', '2014-09-09T16:17:42.937-08:00', { a: 3, b: 4 }],
      ['$set', '2014-09-10T13:12:04.937-08:00', { b: 5, c: 6 }],
      ['$unset', '2014-09-11T14:17:42.456-08:00', { b: null }],
      ['$delete', '2014-09-12T16:13:41.452-08:00', {}],
      ['$set', '2014-09-13T16:17:42.143-08:00', {}],
    ].map(([event = '', eventTime = '', properties = {}]) =>
      read({ event, entityType: 'user', entityId: '2', properties, eventTime }),
    )
    const timeOf = (at: number) => history[at]?.eventTime.ms
    for (const at of order) await events.insert(feed, history[at]!)
    const until = async (time: string | undefined) => {
      const untilMs = time === undefined ? undefined : parseTime(time)?.ms
      return (await events.aggregateProperties(feed, { entityType: 'user', untilMs })).get('2')
    }

    assert.deepEqual(await until(undefined), {
      properties: {},
      firstUpdatedMs: timeOf(0),
      lastUpdatedMs: timeOf(4),
    })
    assert.deepEqual(await until('2014-09-11T00:00:00Z'), {
      properties: { a: 3, b: 5, c: 6 },
      firstUpdatedMs: timeOf(0),
      lastUpdatedMs: timeOf(1),
    })
    assert.equal(await until('2014-09-13T00:00:00-08:00'), undefined)
  })
}

test('columns for training are read as text, absent ones as null', async () => {
  const feed = newFeed()
  await events.insert(feed, view('u\\1', { properties: { rating: 4.5 } }))
  await events.insert(feed, read({ event: '$set', entityType: 'user', entityId: '2' }))

  const rows = await toArray(
    events.readColumns(feed, {}, ['event', 'entityId', 'targetEntityId', { property: 'rating' }]),
  )

  assert.deepEqual(rows, [
    ['view', 'u\\1', 'i1', '4.5'],
    ['$set', '2', null, null],
  ])
})

const line = (id: number, more = '') =>
  `{"event":"view","entityType":"user","entityId":${id}${more}}`

test('an import stores every line, blank ones left out', async () => {
  const feed = newFeed()

  const result = await events.importLines(feed, lines(line(1), '', '  ', line(2)), {
    nowMs: NOW_MS,
    errorsMax: 0,
  })

  assert.deepEqual(result, { imported: 2, rejected: [] })
  assert.equal(await events.count(feed), 2)
})

test('an import with a broken line names it and stores nothing, also after 20,000 good ones', async () => {
  const feed = newFeed()
  const texts = Array.from({ length: 20_000 }, (_, n) => line(n))

  const importing = events.importLines(feed, lines(...texts, '{"event":"x"', line(1)), {
    nowMs: NOW_MS,
    errorsMax: 0,
  })

  await assert.rejects(importing, { code: 'import_failed', message: /line 20001: Malformed JSON/ })
  assert.equal(await events.count(feed), 0)
})

test('as many broken lines as allowed are left out and reported', async () => {
  const feed = newFeed()

  const result = await events.importLines(feed, lines(line(1), '{}', line(2)), {
    nowMs: NOW_MS,
    errorsMax: 1,
  })

  assert.equal(result.imported, 2)
  assert.deepEqual(
    result.rejected.map(({ line: at }) => at),
    [2],
  )
})

test('an import with an id that is taken names its line; without ids it goes through', async () => {
  const feed = newFeed()
  await events.insert(feed, view('a', { eventId: 'taken' }))
  const texts = [line(1), '', line(2, ',"eventId":"x"'), line(3, ',"eventId":"taken"')]
  const options = { nowMs: NOW_MS, errorsMax: 0 }

  await assert.rejects(events.importLines(feed, lines(...texts), options), {
    message: /line 4: the event ID taken already exists/,
  })
  assert.equal(await events.count(feed), 1)
  const again = await events.importLines(feed, lines(...texts), { ...options, dropIds: true })
  assert.equal(again.imported, 3)
})

test('an import that replaces keeps what was there if a line is broken, or if there is none', async () => {
  const feed = newFeed()
  await events.insert(feed, view('old', { eventId: 'taken' }))
  const options = { nowMs: NOW_MS, errorsMax: 0, replaces: true }
  const ids = async (): Promise<string[]> =>
    (await events.find(feed, {}, {})).map(({ entityId }) => entityId)

  await assert.rejects(events.importLines(feed, lines(line(1), '{"event"'), options))
  await assert.rejects(events.importLines(feed, lines('', ' '), options), {
    message: /the events there are were kept/,
  })
  assert.deepEqual(await ids(), ['old'])

  await events.importLines(feed, lines(line(7, ',"eventId":"taken"')), options)
  assert.deepEqual(await ids(), ['7'])
})

test('clearing a feed leaves the others alone', async () => {
  const [one, other] = [newFeed(), newFeed()]
  await events.insert(one, view('a'))
  await events.insert(other, view('a'))

  await events.clear(one)

  assert.deepEqual([await events.count(one), await events.count(other)], [0, 1])
})

test('several processes may open the stores of an empty database at once', async () => {
  await using fresh = await createTestDatabase()
  const storages = Array.from({ length: 4 }, () => openStorage({ DATABASE_URL: fresh.url }))

  const counts = await Promise.all(
    storages.map(async (one) => (await one.events()).count({ appId: 1, channelId: 0 })),
  )

  assert.deepEqual(counts, [0, 0, 0, 0])
  await Promise.all(storages.map((one) => one.close()))
})
