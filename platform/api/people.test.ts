import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountRoutes } from './account.ts'
import { appRoutes } from './apps.ts'
import { authorizationRoutes } from './authorizations.ts'
import { collaboratorRoutes } from './collaborators.ts'
import { peopleRoutes } from './people.ts'
import { openTestApi } from './testing.ts'

const ROUTES = [accountRoutes, appRoutes, authorizationRoutes, collaboratorRoutes, peopleRoutes]

function open(t: { after: (close: () => void) => void }) {
  const api = openTestApi(ROUTES)
  t.after(api.close)
  const member = (email: string) => {
    const account = api.store.accounts.create(email)
    return { ...account, token: api.store.accounts.authorize(account.id, 'test').token }
  }
  const linkIn = (answer: {
    headers: Record<string, unknown>
    body: unknown
  }): string | undefined =>
    /\/join\/([\w-]+)/.exec(
      `${String(answer.headers['warning-message'])} ${JSON.stringify(answer.body)}`,
    )?.[1]
  return { ...api, member, linkIn }
}

test('adding someone new to an app gives the one who adds a link, and no one else', async (t) => {
  const { call, store, member, linkIn } = open(t)
  const ann = member('ann@example.com')
  store.apps.create('shop', ann.id)

  const added = await call('POST', '/apps/shop/collaborators', {
    token: ann.token,
    body: { user: 'bob@example.com' },
  })
  const listed = await call('GET', '/apps/shop/collaborators', { token: ann.token })

  const secret = linkIn(added) ?? ''
  assert.equal(added.status, 201)
  assert.match(String(added.headers['warning-message']), /works once and for 24 hours: http/)
  assert.equal(linkIn({ headers: {}, body: added.body }), undefined)
  assert.equal(linkIn(listed), undefined)
  assert.equal(
    store.invitations.find(secret)?.accountId,
    store.accounts.find('bob@example.com')?.id,
  )
  assert.ok(!JSON.stringify(store.auditLog.list({ max: 100 })).includes(secret))
})

test('no one gets a link into the account of someone else', async (t) => {
  const { call, store, member, linkIn } = open(t)
  const [ann, eve, bob] = ['ann', 'eve', 'bob'].map((name) => member(`${name}@example.com`))
  assert.ok(ann && eve && bob)
  store.apps.create('shop', ann.id)
  store.apps.create('trap', eve.id)
  const add = (app: string, token: string, user: string) =>
    call('POST', `/apps/${app}/collaborators`, { token, body: { user } })

  const invited = await add('shop', ann.token, 'carol@example.com')
  const waiting = await add('trap', eve.token, 'carol@example.com')
  const again = await add('shop', ann.token, 'carol@example.com')
  const known = await add('trap', eve.token, bob.email)
  const byEve = await call('POST', '/hokku/invitations', {
    token: eve.token,
    body: { email: 'carol@example.com', app: 'trap' },
  })
  const asOwner = await call('POST', '/hokku/invitations', {
    token: eve.token,
    body: { email: 'mallory@example.com', app: 'trap', role: 'owner' },
  })

  assert.ok(linkIn(invited))
  assert.equal(linkIn(waiting), undefined)
  assert.match(String(waiting.headers['warning-message']), /has not signed in yet/)
  assert.ok(linkIn(again))
  assert.equal(store.invitations.find(linkIn(invited) ?? ''), undefined)
  assert.equal(linkIn(known), undefined)
  assert.equal(linkIn(byEve), undefined)
  assert.equal(asOwner.status, 403)
  assert.equal(store.accounts.find('mallory@example.com'), undefined)
})

test('a link works once, and not after a day', (t) => {
  const { store, owner } = open(t)
  const guest = store.accounts.create('guest@example.com')
  const past = store.invitations.create(guest.id, owner.id, '2020-01-01T00:00:00Z')
  const { id, secret } = store.invitations.create(guest.id, owner.id, '2999-01-01T00:00:00Z')

  assert.equal(store.invitations.find(past.secret), undefined)
  assert.equal(store.invitations.find(secret)?.id, id)
  assert.ok(store.invitations.use(id))
  assert.ok(!store.invitations.use(id))
  assert.equal(store.invitations.find(secret), undefined)
})

test('the audit log says who did what, and cannot be changed', async (t) => {
  const { call, store, owner } = open(t)
  await call('POST', '/apps', { body: { name: 'shop' } })
  await call('GET', '/apps/shop')
  await call('DELETE', '/apps/shop', { token: 'HRKU-wrong' })

  const { body } = await call('GET', '/hokku/audit')

  assert.partialDeepStrictEqual(body, [
    { email: owner.email, credential: 'test', action: 'POST /apps', status: 201 },
    { email: null, action: 'DELETE /apps/shop', app: 'shop', status: 401 },
  ])
  assert.equal((body as unknown[]).length, 2)
  assert.throws(() => store.db.run('update audit_log set status = 200'), /is not changed/)
  assert.throws(() => store.db.run('delete from audit_log'), /keeps a year/)
})

test('requests without a token fill the audit log at a bounded pace', async (t) => {
  const { call, store } = open(t)
  for (let i = 0; i < 150; i++) await call('DELETE', '/apps/shop', { token: null })

  assert.ok(store.auditLog.list({ max: 1000 }).length <= 120)
})

test('the owner of the installation ends what a person holds', async (t) => {
  const { call, store, member, owner } = open(t)
  const bob = member('bob@example.com')
  store.invitations.create(bob.id, owner.id, '2999-01-01T00:00:00Z')

  const ended = await call('DELETE', '/hokku/people/bob@example.com/tokens')
  const own = await call('DELETE', `/hokku/people/${owner.email}/tokens`)

  assert.deepEqual(ended.body, { email: 'bob@example.com', revoked: 1 })
  assert.equal((await call('GET', '/account', { token: bob.token })).status, 401)
  assert.equal(store.invitations.ofAccount(bob.id).length, 0)
  assert.equal(own.status, 422)
})

test('sessions are listed apart from tokens, and heroku logout ends the one in use', async (t) => {
  const { call, store, owner } = open(t)
  const made = await call('POST', '/oauth/authorizations', {
    body: { description: 'Heroku CLI login from laptop', expires_in: '3600' },
  })
  const { token } = (made.body as { access_token: { token: string } }).access_token

  const sessions = await call('GET', '/oauth/sessions')
  const tokens = await call('GET', '/oauth/authorizations')
  const out = await call('DELETE', '/oauth/sessions/~', { token })
  const notOut = await call('DELETE', '/oauth/sessions/~')

  assert.equal((sessions.body as unknown[]).length, 1)
  assert.equal((tokens.body as unknown[]).length, 1)
  assert.equal(out.status, 200)
  assert.equal((await call('GET', '/account', { token })).status, 401)
  assert.equal(notOut.status, 404)
  assert.equal(store.accounts.authorizations(owner.id).length, 1)
})
