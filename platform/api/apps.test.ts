import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accountRoutes } from './account.ts'
import { appRoutes } from './apps.ts'
import { authorizationRoutes } from './authorizations.ts'
import { configVarRoutes } from './config-vars.ts'
import { openTestApi } from './testing.ts'

const api = openTestApi([appRoutes])
after(() => api.close())

test('a new app has its first two releases', async () => {
  const { status, body } = await api.call('POST', '/apps', { body: { name: 'first' } })

  assert.equal(status, 201)
  const { id, web_url } = body as { id: string; web_url: string }
  assert.equal(web_url, 'http://first.localhost:8080/')
  assert.deepEqual(
    api.store.releases.list(id).map((release) => [release.version, release.description]),
    [
      [1, 'Initial release'],
      [2, 'Enable Logplex'],
    ],
  )
})

test('an app without a name gets one that is valid and free', async () => {
  const { body } = await api.call('POST', '/apps')

  assert.match((body as { name: string }).name, /^[a-z]+-[a-z]+-\d{5}$/)
})

test('names that cannot be a host name are refused with the reason', async () => {
  for (const name of ['A', 'ab', '-abc', 'abc-', 'a_b', 'x'.repeat(31), '../etc', 'ünïcode']) {
    const { status, body } = await api.call('POST', '/apps', { body: { name } })

    assert.equal(status, 422, name)
    assert.equal((body as { id: string }).id, 'invalid_params')
  }
})

test('a taken name is refused', async () => {
  await api.call('POST', '/apps', { body: { name: 'taken' } })

  const { status, body } = await api.call('POST', '/apps', { body: { name: 'taken' } })

  assert.equal(status, 422)
  assert.match((body as { message: string }).message, /already taken/)
})

test('the app of another account looks like none', async () => {
  await api.call('POST', '/apps', { body: { name: 'mine' } })
  const foreigner = api.store.accounts.create('stranger@example.com')
  const { token } = api.store.accounts.authorize(foreigner.id, 'test')

  const foreign = await api.call('GET', '/apps/mine', { token })
  const missing = await api.call('GET', '/apps/missing', { token })

  assert.equal(foreign.status, 404)
  assert.deepEqual(foreign.body, missing.body)
})

test('no token, a wrong one, an empty one and the word undefined all answer 401', async () => {
  for (const token of [null, 'wrong', '', 'undefined']) {
    const { status, body } = await api.call('GET', '/apps', { token })

    assert.equal(status, 401)
    assert.equal((body as { id: string }).id, 'unauthorized')
  }
})

test('an expired token is a wrong one', async () => {
  const { token } = api.store.accounts.authorize(api.owner.id, 'old', {
    expiresAt: '2020-01-01T00:00:00.000Z',
  })

  assert.equal((await api.call('GET', '/apps', { token })).status, 401)
})

test('a destroyed app is gone with its config', async () => {
  await api.call('POST', '/apps', { body: { name: 'doomed' } })

  assert.equal((await api.call('DELETE', '/apps/doomed')).status, 200)

  assert.equal((await api.call('GET', '/apps/doomed')).status, 404)
})

test('malformed JSON answers 400', async () => {
  const { status } = await api.call('GET', '/apps/none/none')

  assert.equal(status, 404)
})

test('a token does what its scopes say and no more', async (t) => {
  const api = openTestApi([appRoutes, configVarRoutes, authorizationRoutes, accountRoutes])
  t.after(api.close)
  await api.call('POST', '/apps', { body: { name: 'mine' } })
  const made = await api.call('POST', '/oauth/authorizations', {
    body: { scope: ['read'], expires_in: '3600' },
  })
  const { scope, access_token } = made.body as {
    scope: string[]
    access_token: { token: string; expires_in: number }
  }
  const { token } = access_token

  const statuses = await Promise.all(
    [
      api.call('GET', '/apps/mine', { token }),
      api.call('POST', '/apps', { token, body: {} }),
      api.call('GET', '/apps/mine/config-vars', { token }),
      api.call('GET', '/account', { token }),
      api.call('POST', '/oauth/authorizations', { token, body: {} }),
    ].map(async (answer) => (await answer).status),
  )

  assert.deepEqual(scope, ['read'])
  assert.ok(access_token.expires_in > 3500)
  assert.deepEqual(statuses, [200, 403, 403, 403, 403])
  const wrong = await api.call('POST', '/oauth/authorizations', { body: { scope: ['admin'] } })
  assert.equal(wrong.status, 422)
})

test('stack and region of a new app are used, or refused by name', async () => {
  const create = (body: object) => api.call('POST', '/apps', { body })

  const made = await create({ name: 'european', stack: 'heroku-22', region: 'eu' })
  const wrong = await Promise.all([
    create({ stack: 'nonsense' }),
    create({ region: { name: 'mars' } }),
  ])

  const { stack, region } = made.body as { stack: { name: string }; region: { name: string } }
  assert.deepEqual([made.status, stack.name, region.name], [201, 'heroku-22', 'eu'])
  assert.deepEqual(
    wrong.map(({ status }) => status),
    [422, 422],
  )
  assert.match(JSON.stringify(wrong[1]?.body), /There is no region .*mars.*Leave the region out/)
})
