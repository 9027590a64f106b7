import { createTestDatabase } from '@hokku/postgres/testing'
import type { FastifyInstance } from '@hokku/kit/http'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAccessKey } from '../metadata/access-key.ts'
import { openStorage, type Storage } from '../storage/storage.ts'
import { createEventServer } from './server.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage
let server: FastifyInstance
let withStats: FastifyInstance
const sniffed: string[] = []

before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
  const stores = { metadata: await storage.metadata(), events: await storage.events() }
  server = await createEventServer(stores)
  withStats = await createEventServer({
    ...stores,
    hasStats: true,
    corsOrigins: ['https://shop.example.com'],
    plugins: [
      {
        kind: 'inputblocker',
        name: 'no-robots',
        description: 'Refuses robots',
        process: ({ event }) => {
          if (event.entityId === 'robot') throw new Error('no robots here')
        },
        handleRest: (appId, _channel, args) => ({ appId, args }),
      },
      {
        kind: 'inputsniffer',
        name: 'nose',
        description: 'Remembers',
        process: ({ event }) => {
          sniffed.push(event.entityId)
        },
      },
    ],
  })
})
after(async () => {
  await server.close()
  await withStats.close()
  await storage.close()
  await database.drop()
})

let apps = 0
/** A new app: its access key, and a way to call the server with it. */
async function newApp(options: { events?: string[]; channel?: string; on?: FastifyInstance } = {}) {
  const metadata = await storage.metadata()
  const key = createAccessKey()
  const name = `app${++apps}`
  const app = await metadata.createApp({ id: undefined, name, description: undefined }, key)
  if (options.channel) await metadata.createChannel(app.id, options.channel)
  const limited = createAccessKey()
  await metadata.createAccessKey({ key: limited, appId: app.id, events: options.events ?? [] })
  const accessKey = options.events ? limited : key
  const call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    (options.on ?? server).inject({
      method,
      url: `${path}${path.includes('?') ? '&' : '?'}accessKey=${accessKey}`,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/json' },
            payload: typeof body === 'string' ? body : JSON.stringify(body),
          }),
    })
  return { id: app.id, accessKey, call }
}

const event = { event: 'view', entityType: 'user', entityId: '1' }

test('the server is alive without a key', async () => {
  const response = await server.inject('/')

  assert.deepEqual([response.statusCode, response.json()], [200, { status: 'alive' }])
  assert.match(String(response.headers['content-type']), /^application\/json/)
})

const basic = (text: string) => ({ authorization: `Basic ${btoa(text)}` })
const REFUSED: readonly (readonly [string, string, Record<string, string>, string])[] = [
  ['no key', '/events.json', {}, 'Missing accessKey.'],
  ['an empty key', '/events.json?accessKey=', {}, 'Invalid accessKey.'],
  ['an unknown key', '/events.json?accessKey=x', {}, 'Invalid accessKey.'],
  ['a key with NUL', '/events.json?accessKey=%00', {}, 'Invalid accessKey.'],
  ['a malformed header', '/events.json', { authorization: 'Bearer x' }, 'Invalid accessKey.'],
  ['an unknown key by header', '/events.json', basic('x:'), 'Invalid accessKey.'],
]
for (const [what, url, headers, message] of REFUSED) {
  test(`${what} is refused before anything else`, async () => {
    for (const method of ['GET', 'POST'] as const) {
      const response = await server.inject({ method, url, headers })

      assert.deepEqual([response.statusCode, response.json()], [401, { message }])
      assert.equal(response.headers['www-authenticate'], undefined)
    }
  })
}

test('the key may come as the user name of HTTP Basic, and the channel counts then, too', async () => {
  const app = await newApp({ channel: 'mobile' })
  const headers = { ...basic(`${app.accessKey}:`), 'content-type': 'application/json' }
  const post = { method: 'POST', url: '/events.json?channel=mobile', headers } as const

  const response = await server.inject({ ...post, payload: JSON.stringify(event) })

  assert.equal(response.statusCode, 201)
  assert.equal((await app.call('GET', '/events.json?channel=mobile')).json().length, 1)
  assert.equal((await app.call('GET', '/events.json')).statusCode, 404)
})

test('an unknown channel is refused', async () => {
  const app = await newApp()

  const response = await app.call('POST', '/events.json?channel=nope', event)

  assert.deepEqual(
    [response.statusCode, response.json()],
    [401, { message: "Invalid channel 'nope'." }],
  )
})

test('a posted event comes back whole, in the documented order of fields', async () => {
  const app = await newApp()
  const posted = {
    event: 'rate',
    entityType: 'user',
    entityId: 7,
    targetEntityType: 'item',
    targetEntityId: 'i',
    properties: { rating: 4, big: 1 },
    eventTime: '2004-12-13T21:39:45.618-07:00',
    prId: 'p1',
    tags: ['ignored'],
    creationTime: '2000-01-01T00:00:00Z',
  }

  const created = await app.call('POST', '/events.json', posted)
  const { eventId } = created.json()
  const response = await app.call('GET', `/events/${eventId}.json`)

  assert.equal(created.statusCode, 201)
  assert.deepEqual(Object.keys(created.json()), ['eventId'])
  const { creationTime, ...rest } = response.json()
  assert.deepEqual(rest, {
    eventId,
    event: 'rate',
    entityType: 'user',
    entityId: '7',
    targetEntityType: 'item',
    targetEntityId: 'i',
    properties: { rating: 4, big: 1 },
    eventTime: '2004-12-13T21:39:45.618-07:00',
    prId: 'p1',
  })
  assert.match(creationTime, /^20[2-9]\d.*Z$/)
  assert.equal(Object.keys(response.json()).at(-1), 'creationTime')
})

test('the documented examples with missing and trailing commas are accepted', async () => {
  const app = await newApp()

  const text = '{ "event" : "my_event" "entityType" : "user", "entityId" : "uid",, }'

  assert.equal((await app.call('POST', '/events.json', text)).statusCode, 201)
})

const BROKEN: readonly (readonly [string, string, RegExp])[] = [
  ['cut JSON', '{"event": "x"', /^Malformed JSON at line 1, column 14/],
  ['a list', '[]', /Expected an event/],
  ['a missing field', '{"event":"x"}', /DataMapException: The field entityType is required\.$/],
  [
    'NUL',
    '{"event":"x","entityType":"u","entityId":"a\\u0000"}',
    /The field entityId contains a NUL character/,
  ],
]
for (const [what, body, message] of BROKEN) {
  test(`a body with ${what} is a 400 that says so`, async () => {
    const app = await newApp()

    const response = await app.call('POST', '/events.json', body)

    assert.equal(response.statusCode, 400)
    assert.match(response.json().message, message)
    assert.equal((await app.call('GET', '/events.json')).statusCode, 404)
  })
}

test('a body of 10 MB is refused, and so is none, and one that is not JSON', async () => {
  const { accessKey, call } = await newApp()
  const url = `/events.json?accessKey=${accessKey}`

  const large = await call('POST', '/events.json', { ...event, x: 'x'.repeat(10_000_000) })
  const none = await server.inject({ method: 'POST', url })
  const empty = await call('POST', '/events.json', '')
  const text = await server.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'text/plain' },
    payload: '{}',
  })
  const form = await server.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'a=b',
  })

  assert.equal(large.statusCode, 413)
  assert.match(large.json().message, /at most 8388608 bytes/)
  assert.deepEqual([none.statusCode, none.body], [400, 'Request entity expected but not supplied'])
  assert.deepEqual([empty.statusCode, empty.body], [none.statusCode, none.body])
  for (const response of [text, form]) {
    assert.equal(response.statusCode, 415)
    assert.match(response.body, /application\/json/)
    assert.match(String(response.headers['content-type']), /^text\/plain/)
  }
})

test('bytes that are not UTF-8 are refused, wherever they stand', async () => {
  const { accessKey, call } = await newApp()
  const whole = Buffer.from('{"event":"x","entityType":"u","entityId":"Ü"}')

  for (let at = 0; at < whole.length; at++) {
    const broken = Buffer.from(whole)
    broken[at] = 0xff
    const response = await server.inject({
      method: 'POST',
      url: `/events.json?accessKey=${accessKey}`,
      headers: { 'content-type': 'application/json' },
      payload: broken,
    })
    assert.deepEqual(
      [response.statusCode, response.json()],
      [400, { message: 'The body is not UTF-8 text.' }],
    )
  }
  assert.equal((await call('GET', '/events.json')).statusCode, 404)
})

test('the media type of JSON may be written in any case, with parameters, but not longer', async () => {
  const { accessKey } = await newApp()
  const statusOf = async (type: string) => {
    const url = `/events.json?accessKey=${accessKey}`
    const headers = { 'content-type': type }
    const payload = JSON.stringify(event)
    return (await server.inject({ method: 'POST', url, headers, payload })).statusCode
  }

  assert.equal(await statusOf('Application/JSON;charset=UTF-8'), 201)
  assert.equal(await statusOf('application/json ; charset=utf-8'), 201)
  assert.equal(await statusOf('application/jsonx'), 415)
})

test('a key may be limited to some events', async () => {
  const app = await newApp({ events: ['buy', '$set'] })

  const refused = await app.call('POST', '/events.json', event)
  const batch = await app.call('POST', '/batch/events.json', [event, { ...event, event: 'buy' }])

  assert.deepEqual(
    [refused.statusCode, refused.json()],
    [403, { message: 'view events are not allowed' }],
  )
  assert.deepEqual(batch.json()[0], { status: 403, message: 'view events are not allowed' })
  assert.equal(batch.json()[1].status, 201)
})

test('an unknown event is not found, a deleted one neither', async () => {
  const app = await newApp()
  const { eventId } = (await app.call('POST', '/events.json', event)).json()
  const notFound = [404, { message: 'Not Found' }]
  const answer = async (method: 'GET' | 'DELETE', id: string) => {
    const response = await app.call(method, `/events/${id}.json`)
    return [response.statusCode, response.json()]
  }

  assert.deepEqual(await answer('GET', 'nope'), notFound)
  assert.deepEqual(await answer('DELETE', 'nope'), notFound)
  assert.deepEqual(await answer('DELETE', eventId), [200, { message: 'Found' }])
  assert.deepEqual(await answer('DELETE', eventId), notFound)
  assert.deepEqual(await answer('GET', '%00'), notFound)
})

test('an id that is taken says so', async () => {
  const app = await newApp()
  await app.call('POST', '/events.json', { ...event, eventId: 'mine' })

  const response = await app.call('POST', '/events.json', { ...event, eventId: 'mine' })

  assert.equal(response.statusCode, 500)
  assert.match(response.json().message, /The event ID mine already exists/)
})

const BAD_PARAMETERS: readonly (readonly [string, string])[] = [
  ['startTime=yesterday', 'Invalid format: "yesterday"'],
  ['untilTime=2014-01-01', 'Invalid format: "2014-01-01"'],
  [
    'reversed=true&entityType=user',
    'requirement failed: the parameter reversed can only be used with both entityType and entityId specified.',
  ],
]
for (const [query, message] of BAD_PARAMETERS) {
  test(`${query} is a 400 that says why`, async () => {
    const response = await (await newApp()).call('GET', `/events.json?${query}`)

    assert.deepEqual([response.statusCode, response.json()], [400, { message }])
  })
}

test('a limit that is not a number is named in plain text', async () => {
  const response = await (await newApp()).call('GET', '/events.json?limit=abc')

  assert.equal(response.statusCode, 400)
  assert.equal(
    response.body,
    "The query parameter 'limit' was malformed:\n'abc' is not a valid 32-bit signed integer value",
  )
})

test('a batch answers for each of its events, in their order', async () => {
  const app = await newApp()
  const items = [event, {}, { ...event, eventId: 'x' }, { ...event, eventId: 'x' }, 5]

  const response = await app.call('POST', '/batch/events.json', items)

  assert.equal(response.statusCode, 200)
  assert.deepEqual(
    response.json().map((result: { status: number }) => result.status),
    [201, 400, 201, 500, 400],
  )
})

test('an empty batch is fine, one of 51 is not, nor is an object', async () => {
  const app = await newApp()

  const empty = await app.call('POST', '/batch/events.json', [])
  const large = await app.call('POST', '/batch/events.json', Array(51).fill(event))
  const object = await app.call('POST', '/batch/events.json', event)

  assert.deepEqual([empty.statusCode, empty.json()], [200, []])
  assert.deepEqual(
    [large.statusCode, large.json()],
    [400, { message: 'Batch request must have less than or equal to 50 events' }],
  )
  assert.equal(object.statusCode, 400)
})

test('unknown paths and wrong methods are answered in plain text', async () => {
  const unknown = await server.inject('/nothing')
  const wrong = await server.inject({ method: 'PUT', url: '/events.json' })

  assert.deepEqual(
    [unknown.statusCode, unknown.body],
    [404, 'The requested resource could not be found.'],
  )
  assert.deepEqual(
    [wrong.statusCode, wrong.body],
    [405, 'HTTP method not allowed, supported methods: GET, POST'],
  )
  assert.equal(wrong.headers.allow, 'GET, POST')
})

test('stats count what was created, by app and hour', async () => {
  const app = await newApp({ on: withStats })
  await app.call('POST', '/events.json', event)
  await app.call('POST', '/batch/events.json', [event, {}])

  const stats = (await app.call('GET', '/stats.json')).json()

  const counted = [{ key: { entityType: 'user', event: 'view' }, value: 2 }]
  const created = [{ key: { intValue: 201, reason: 'Created' }, value: 2 }]
  assert.deepEqual(stats.longLive.basic, counted)
  assert.deepEqual(stats.currentHour.statusCode, created)
  assert.deepEqual([stats.prevHour.basic, typeof stats.prevHour.endTime], [[], 'string'])
  assert.equal(stats.currentHour.endTime, undefined)
})

test('without --stats the server says how to have them', async () => {
  const response = await (await newApp()).call('GET', '/stats.json')

  assert.deepEqual(
    [response.statusCode, response.json()],
    [404, { message: 'To see stats, launch Event Server with --stats argument.' }],
  )
})

test('a blocker vetoes, a whole batch too; sniffers see what was stored', async () => {
  const app = await newApp({ on: withStats })
  const robot = { ...event, entityId: 'robot' }

  const single = await app.call('POST', '/events.json', robot)
  const batch = await app.call('POST', '/batch/events.json', [{ ...event, entityId: 'man' }, robot])
  await app.call('POST', '/events.json', { ...event, entityId: 'woman' })

  assert.deepEqual([single.statusCode, single.json()], [500, { message: 'no robots here' }])
  assert.equal(batch.statusCode, 500)
  assert.deepEqual(
    ['robot', 'man', 'woman'].map((id) => sniffed.includes(id)),
    [false, false, true],
  )
})

test('plugins are listed without a key and answer with one', async () => {
  const app = await newApp({ on: withStats })

  const { plugins } = (await withStats.inject('/plugins.json')).json()
  const rest = await app.call('GET', '/plugins/inputblocker/no-robots/a/b')

  assert.deepEqual(plugins.inputblockers, {
    'no-robots': { name: 'no-robots', description: 'Refuses robots', class: 'no-robots' },
  })
  assert.deepEqual(Object.keys(plugins.inputsniffers), ['nose'])
  assert.deepEqual(rest.json(), { appId: app.id, args: ['a', 'b'] })
  assert.equal((await withStats.inject('/plugins/inputblocker/no-robots/a')).statusCode, 401)
})

test('web pages may post from configured origins only', async () => {
  const preflight = (on: FastifyInstance, origin: string) =>
    on.inject({
      method: 'OPTIONS',
      url: '/events.json',
      headers: { origin, 'access-control-request-method': 'POST' },
    })

  const allowed = await preflight(withStats, 'https://shop.example.com')
  const foreign = await preflight(withStats, 'https://other.example.com')
  const closed = await preflight(server, 'https://shop.example.com')

  assert.equal(allowed.headers['access-control-allow-origin'], 'https://shop.example.com')
  assert.equal(foreign.headers['access-control-allow-origin'], undefined)
  assert.equal(closed.headers['access-control-allow-origin'], undefined)
})

test('all events are streamed when no limit is wanted', async () => {
  const app = await newApp()
  const feed = { appId: app.id, channelId: 0 }
  const texts = Array.from({ length: 3000 }, (_, n) => JSON.stringify({ ...event, entityId: n }))
  const events = await storage.events()
  await events.importLines(
    feed,
    (async function* () {
      yield texts
    })(),
    { nowMs: Date.now(), errorsMax: 0 },
  )

  const all = await app.call('GET', '/events.json?limit=-1')
  const some = await app.call('GET', '/events.json?limit=2000')
  const none = await app.call('GET', '/events.json?limit=0')
  const few = await app.call('GET', '/events.json')

  assert.deepEqual([all.json().length, some.json().length, few.json().length], [3000, 2000, 20])
  assert.equal(none.statusCode, 404)
})
