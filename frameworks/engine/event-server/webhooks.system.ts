import { createTestDatabase } from '@hokku/postgres/testing'
import type { FastifyInstance } from '@hokku/kit/http'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from '../storage/storage.ts'
import { createEventServer } from './server.ts'

const KEY = 'webhook-key'
let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: Storage
let server: FastifyInstance

before(async () => {
  database = await createTestDatabase()
  storage = openStorage({ DATABASE_URL: database.url })
  const metadata = await storage.metadata()
  await metadata.createApp({ id: 1, name: 'hooks', description: undefined }, 'other')
  // Limited to another event: webhooks are not held to it.
  await metadata.createAccessKey({ key: KEY, appId: 1, events: ['buy'] })
  server = await createEventServer({ metadata, events: await storage.events() })
})
after(async () => {
  await server.close()
  await storage.close()
  await database.drop()
})

const post = (file: string, payload: string, type: string) =>
  server.inject({
    method: 'POST',
    url: `/webhooks/${file}?accessKey=${KEY}`,
    headers: { 'content-type': type },
    payload,
  })
const postJson = (payload: unknown) =>
  post('segmentio.json', JSON.stringify(payload), 'application/json')
const postForm = (fields: Record<string, string>) =>
  post(
    'mailchimp.form',
    new URLSearchParams(fields).toString(),
    'application/x-www-form-urlencoded',
  )
const stored = async (eventId: string) => {
  const {
    creationTime: _made,
    eventId: _id,
    ...rest
  } = (await server.inject(`/events/${eventId}.json?accessKey=${KEY}`)).json()
  return rest
}

const common = {
  version: 2,
  sent_at: '2015-08-24T14:30:00.600Z',
  timestamp: '2015-08-24T14:30:00.500+02:00',
}

const SEGMENT: readonly (readonly [object, object])[] = [
  [
    { type: 'identify', user_id: 'u', traits: { name: 'N' }, context: { ip: '0' } },
    { traits: { name: 'N' }, context: { ip: '0' } },
  ],
  [
    { type: 'track', anonymous_id: 'u', event: 'Bought', properties: { price: 1 } },
    { event: 'Bought', properties: { price: 1 } },
  ],
  [{ type: 'alias', user_id: 'u', previous_id: 'p' }, { previous_id: 'p' }],
  [{ type: 'page', user_id: 'u', name: 'Home' }, { name: 'Home' }],
  [{ type: 'screen', user_id: 'u', properties: { a: 1 } }, { properties: { a: 1 } }],
  [{ type: 'group', user_id: 'u', group_id: 'g' }, { group_id: 'g' }],
]
for (const [payload, properties] of SEGMENT) {
  const { type } = payload as { type: string }
  test(`segment.io: ${type} becomes an event of the user`, async () => {
    const response = await postJson({ ...common, ...payload })

    assert.equal(response.statusCode, 201)
    assert.deepEqual(await stored(response.json().eventId), {
      event: type,
      entityType: 'user',
      entityId: 'u',
      properties,
      eventTime: '2015-08-24T14:30:00.500+02:00',
    })
  })
}

const SEGMENT_REFUSED: readonly (readonly [object, string])[] = [
  [{ type: 'track', user_id: 'u', version: undefined }, 'Failed to get segment.io API version.'],
  [{ type: 'track' }, 'there was no `userId` or `anonymousId` in the common fields.'],
  [{ type: 'dance', user_id: 'u' }, 'Cannot convert unknown type dance to event JSON.'],
]
for (const [payload, message] of SEGMENT_REFUSED) {
  test(`segment.io: "${message}"`, async () => {
    const response = await postJson({ ...common, ...payload })

    assert.deepEqual([response.statusCode, response.json()], [400, { message }])
  })
}

const merges = {
  'data[merges][EMAIL]': 'e',
  'data[merges][FNAME]': 'f',
  'data[merges][LNAME]': 'l',
}
const mergesRead = { EMAIL: 'e', FNAME: 'f', LNAME: 'l' }
const user = { 'data[id]': '8a', 'data[list_id]': 'l1', 'data[email]': 'e', ...merges }
const list = { targetEntityType: 'list', targetEntityId: 'l1' }

const MAILCHIMP: readonly (readonly [Record<string, string>, object])[] = [
  [
    {
      type: 'subscribe',
      ...user,
      'data[merges][INTERESTS]': 'G',
      'data[email_type]': 'html',
      'data[ip_opt]': '1',
      'data[ip_signup]': '2',
    },
    {
      entityType: 'user',
      entityId: '8a',
      ...list,
      properties: {
        email: 'e',
        email_type: 'html',
        merges: { ...mergesRead, INTERESTS: 'G' },
        ip_opt: '1',
        ip_signup: '2',
      },
    },
  ],
  [
    {
      type: 'unsubscribe',
      ...user,
      'data[action]': 'unsub',
      'data[reason]': 'manual',
      'data[email_type]': 'html',
      'data[ip_opt]': '1',
      'data[campaign_id]': 'c',
    },
    {
      entityType: 'user',
      entityId: '8a',
      ...list,
      properties: {
        action: 'unsub',
        reason: 'manual',
        email: 'e',
        email_type: 'html',
        merges: mergesRead,
        ip_opt: '1',
        campaign_id: 'c',
      },
    },
  ],
  [
    { type: 'profile', ...user, 'data[email_type]': 'html', 'data[ip_opt]': '1' },
    {
      entityType: 'user',
      entityId: '8a',
      ...list,
      properties: { email: 'e', email_type: 'html', merges: mergesRead, ip_opt: '1' },
    },
  ],
  [
    {
      type: 'upemail',
      'data[list_id]': 'l1',
      'data[new_id]': 'n',
      'data[new_email]': 'new',
      'data[old_email]': 'old',
    },
    {
      entityType: 'user',
      entityId: 'n',
      ...list,
      properties: { new_email: 'new', old_email: 'old' },
    },
  ],
  [
    {
      type: 'cleaned',
      'data[list_id]': 'l1',
      'data[campaign_id]': 'c',
      'data[reason]': 'hard',
      'data[email]': 'e',
    },
    {
      entityType: 'list',
      entityId: 'l1',
      properties: { campaignId: 'c', reason: 'hard', email: 'e' },
    },
  ],
  [
    {
      type: 'campaign',
      'data[id]': 'c',
      'data[list_id]': 'l1',
      'data[subject]': 's',
      'data[status]': 'sent',
      'data[reason]': 'r',
    },
    {
      entityType: 'campaign',
      entityId: 'c',
      ...list,
      properties: { subject: 's', status: 'sent', reason: 'r' },
    },
  ],
]
for (const [fields, expected] of MAILCHIMP) {
  test(`MailChimp: ${fields['type']} becomes an event`, async () => {
    const response = await postForm({ fired_at: '2009-03-26 21:35:57', ...fields })

    assert.equal(response.statusCode, 201)
    assert.deepEqual(await stored(response.json().eventId), {
      event: fields['type'],
      ...expected,
      eventTime: '2009-03-26T21:35:57.000Z',
    })
  })
}

const MAILCHIMP_REFUSED: readonly (readonly [Record<string, string>, string])[] = [
  [{}, "The field 'type' is required for MailChimp data."],
  [{ type: 'x' }, 'Cannot convert unknown MailChimp data type x to event JSON'],
  [{ type: 'upemail' }, "The field 'data[new_id]' is required for MailChimp data."],
]
for (const [fields, message] of MAILCHIMP_REFUSED) {
  test(`MailChimp: "${message}"`, async () => {
    const response = await postForm({ fired_at: '2009-03-26 21:35:57', ...fields })

    assert.deepEqual([response.statusCode, response.json()], [400, { message }])
  })
}

test('a connector says that it is there, an unknown one that it is not', async () => {
  const get = (file: string) => server.inject(`/webhooks/${file}?accessKey=${KEY}`)

  assert.deepEqual((await get('segmentio.json')).json(), { message: 'Ok' })
  assert.deepEqual((await get('mailchimp.form')).json(), { message: 'Ok' })
  const unknown = await get('mailchimp.json')
  assert.deepEqual(
    [unknown.statusCode, unknown.json()],
    [404, { message: 'webhooks connection for mailchimp is not supported.' }],
  )
})
