import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPool, withClient } from '@hokku/postgres'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '../store/index.ts'
import type { Provider } from './index.ts'
import { openTestPlane, planeAt } from './testing.ts'

const plane = openTestPlane()
const { store, addons, account } = plane

before(() => addons.recover())
after(async () => {
  await plane.close()
  await plane.remove()
})

const descriptions = (appId: string) => store.releases.list(appId).map((r) => r.description)
const ask = async (url: string, sql: string) => {
  const pool = openPool(url, { max: 1, onIdleError: () => {} })
  try {
    return (await pool.query<{ answer: unknown }>(sql)).rows[0]?.answer
  } finally {
    await pool.end()
  }
}

test('the first database of an app is DATABASE, gets a color name, and makes one release', async () => {
  const app = plane.newApp('first-database')

  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })

  const config = await plane.config(app.name)
  const color = Object.keys(config).find((name) => name.startsWith('HEROKU_POSTGRESQL_'))
  assert.match(addon.name, /^postgresql-[a-z]+-\d{5}$/)
  assert.equal(addon.state, 'provisioned')
  assert.match(config['DATABASE_URL'] ?? '', /^postgres:\/\/u\w+:p\w+@127\.0\.0\.1:\d+\/d\w+$/)
  assert.equal(config[color ?? ''], config['DATABASE_URL'])
  assert.equal(descriptions(app.id).at(-1), `Attach DATABASE (@ref:${addon.name})`)
  assert.equal(await ask(config['DATABASE_URL'] ?? '', 'select 1 as answer'), 1)
})

test('a second database gets its own color and leaves DATABASE alone', async () => {
  const app = plane.newApp('second-database')
  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql:hobby-dev' })
  const before = await plane.config(app.name)

  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql:standard-0' })

  const config = await plane.config(app.name)
  assert.equal(Object.keys(config).length, 3)
  assert.equal(config['DATABASE_URL'], before['DATABASE_URL'])
})

test('no database lets the role of another one in', async () => {
  const [one, two] = [plane.newApp('neighbour-one'), plane.newApp('neighbour-two')]
  for (const app of [one, two]) {
    await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql:mini' })
  }
  const [first, second] = await Promise.all([plane.config(one.name), plane.config(two.name)])
  const own = new URL(first['DATABASE_URL'] ?? '')

  for (const database of [new URL(second['DATABASE_URL'] ?? '').pathname, '/postgres']) {
    const foreign = new URL(own)
    foreign.pathname = database
    await assert.rejects(ask(foreign.href, 'select 1 as answer'), { code: '42501' })
  }
})

test('a plan limits the connections of its database', async () => {
  const app = plane.newApp('limited')
  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql:mini' })
  const { DATABASE_URL: url = '' } = await plane.config(app.name)
  const pool = openPool(url, { max: 30, onIdleError: () => {} })

  const attempts = await Promise.allSettled(
    Array.from({ length: 21 }, () => pool.query('select pg_sleep(0.3)')),
  )
  await pool.end()

  assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 20)
})

test('attaching to another app shares the database; the name given wins', async () => {
  const [owner, guest] = [plane.newApp('owner-app'), plane.newApp('guest-app')]
  const addon = await addons.create({
    app: owner,
    accountId: account.id,
    plan: 'heroku-postgresql',
  })

  addons.attach({ app: guest, addon, accountId: account.id })
  addons.attach({ app: guest, addon, accountId: account.id, name: 'shared' })

  const [a, b] = await Promise.all([plane.config(owner.name), plane.config(guest.name)])
  assert.equal(b['DATABASE_URL'], a['DATABASE_URL'])
  assert.equal(b['SHARED_URL'], a['DATABASE_URL'])
})

test('taking a name that is in use needs confirmation and makes two releases', async () => {
  const app = plane.newApp('replacing')
  const first = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const second = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const request = { app, addon: second, accountId: account.id, name: 'DATABASE' }

  assert.throws(() => addons.attach(request), { code: 'confirmation_required' })
  addons.attach({ ...request, confirm: app.name })

  const config = await plane.config(app.name)
  const colors = Object.entries(config).filter(([name]) => name !== 'DATABASE_URL')
  assert.deepEqual(descriptions(app.id).slice(-2), [
    `Detach DATABASE (@ref:${first.name})`,
    `Attach DATABASE (@ref:${second.name})`,
  ])
  assert.equal(colors.length, 2)
  const [former] = colors.filter(([, value]) => value !== config['DATABASE_URL'])
  assert.equal(await ask(former?.[1] ?? '', 'select 1 as answer'), 1)
})

test('replacing an attachment swaps the dynos once, to a release that has the database', async () => {
  const app = plane.newApp('swapped-once')
  const slug = store.slugs.create({
    appId: app.id,
    commit: null,
    commitDescription: null,
    buildpackDescription: null,
    checksum: null,
    size: null,
    stack: app.stack,
    processTypes: { web: 'true' },
    manifest: '{}',
  })
  plane.releases.create({
    appId: app.id,
    accountId: account.id,
    description: 'Deploy 1234',
    slugId: slug.id,
    releasePhase: false,
  })
  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const second = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  await plane.releases.settled(store.releases.list(app.id).at(-1)?.id ?? '')
  plane.deployed.length = 0

  const request = { app, addon: second, accountId: account.id, name: 'DATABASE' }
  addons.attach({ ...request, confirm: app.name })
  const [detach, attach] = store.releases.list(app.id).slice(-2)
  await plane.releases.settled(attach?.id ?? '')

  const valueIn = (release: typeof detach) =>
    release && store.releases.config(release).find(({ name }) => name === 'DATABASE_URL')?.value
  assert.deepEqual(plane.deployed, [attach?.id])
  assert.ok(valueIn(detach))
  assert.equal(valueIn(detach), valueIn(attach))
})

test('a config var of the user is not overwritten without confirmation', async () => {
  const app = plane.newApp('own-database')
  const own = { name: 'MINE_URL', value: 'postgres://elsewhere/x', attachmentId: null }
  store.configVars.set(app.id, own)
  const request = {
    app,
    accountId: account.id,
    plan: 'heroku-postgresql',
    attachmentName: 'MINE',
  } as const

  await assert.rejects(addons.create(request), { code: 'confirmation_required' })
  assert.deepEqual(store.addons.ofApp(app.id), [])
  await addons.create({ ...request, confirm: app.name })

  assert.match((await plane.config(app.name))['MINE_URL'] ?? '', /127\.0\.0\.1/)
})

test('a DATABASE_URL of the user stays when a database is added', async () => {
  const app = plane.newApp('keeps-its-own')
  store.configVars.set(app.id, {
    name: 'DATABASE_URL',
    value: 'postgres://x/y',
    attachmentId: null,
  })

  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })

  assert.equal((await plane.config(app.name))['DATABASE_URL'], 'postgres://x/y')
})

test('detaching takes the config var away, not the data', async () => {
  const app = plane.newApp('detaching')
  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const [attachment] = addons.matchAttachments('DATABASE_URL', [app])
  assert.ok(attachment)

  addons.detach(attachment, account.id)

  const config = await plane.config(app.name)
  assert.equal(config['DATABASE_URL'], undefined)
  assert.equal(await ask(Object.values(config)[0] ?? '', 'select 1 as answer'), 1)
})

test('an add-on that other apps use is destroyed only by force, and then everywhere', async () => {
  const [owner, guest] = [plane.newApp('owner-two'), plane.newApp('guest-two')]
  const addon = await addons.create({
    app: owner,
    accountId: account.id,
    plan: 'heroku-postgresql',
  })
  addons.attach({ app: guest, addon, accountId: account.id })
  const { DATABASE_URL: url = '' } = await plane.config(guest.name)

  await assert.rejects(addons.destroy(addon, account.id, false), {
    code: 'invalid_params',
    message: /guest-two/,
  })
  const gone = await addons.destroy(addon, account.id, true)

  assert.equal(gone.state, 'deprovisioned')
  assert.deepEqual(await plane.config(guest.name), {})
  assert.equal(store.addons.find(addon.id), undefined)
  await assert.rejects(ask(url, 'select 1 as answer'), { code: '28P01' })
})

test('rotating changes the password in every app and shuts the old one out', async () => {
  const [owner, guest] = [plane.newApp('rotating'), plane.newApp('rotating-guest')]
  const addon = await addons.create({
    app: owner,
    accountId: account.id,
    plan: 'heroku-postgresql',
  })
  addons.attach({ app: guest, addon, accountId: account.id })
  const { DATABASE_URL: before = '' } = await plane.config(owner.name)

  await addons.postgres.credentials.rotate(addon, account.id, 'default')

  const [a, b] = await Promise.all([plane.config(owner.name), plane.config(guest.name)])
  assert.notEqual(a['DATABASE_URL'], before)
  assert.equal(a['DATABASE_URL'], b['DATABASE_URL'])
  assert.equal(await ask(a['DATABASE_URL'] ?? '', 'select 1 as answer'), 1)
  await assert.rejects(ask(before, 'select 1 as answer'), { code: '28P01' })
  assert.match(descriptions(guest.id).at(-1) ?? '', /^Update .* by heroku-postgresql$/)
})

test('a database can have further credentials, attached by name, on the larger plans', async () => {
  const app = plane.newApp('credentials')
  const plan = 'heroku-postgresql:standard-0'
  const addon = await addons.create({ app, accountId: account.id, plan })
  await addons.postgres.credentials.create(addon, account.id, 'reports')

  const namespace = 'credential:reports'
  addons.attach({ app, addon, accountId: account.id, name: 'REPORTS', namespace })

  const config = await plane.config(app.name)
  await ask(config['DATABASE_URL'] ?? '', 'create table secret as select 1 as answer')
  assert.equal(await ask(config['REPORTS_URL'] ?? '', 'select 2 as answer'), 2)
  await assert.rejects(ask(config['REPORTS_URL'] ?? '', 'select * from secret'), { code: '42501' })
  await assert.rejects(addons.postgres.credentials.destroy(addon, account.id, 'reports'), {
    message: /is attached/,
  })
})

test('no password is ever part of a statement that the server could log', async () => {
  const app = plane.newApp('unlogged')
  await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const { DATABASE_URL: url = '' } = await plane.config(app.name)

  const stored = await withClient(
    (
      await import('@hokku/postgres').then((kit) =>
        kit.startEmbedded({ directory: plane.home.postgres }),
      )
    ).adminUrl,
    (client) =>
      client.query<{ rolpassword: string }>(
        'select rolpassword from pg_authid where rolname = $1',
        [new URL(url).username],
      ),
  )

  assert.match(stored.rows[0]?.rolpassword ?? '', /^SCRAM-SHA-256\$4096:/)
})

test('what a dead control plane left half made is finished by the next one', async () => {
  const app = plane.newApp('half-made')
  const provider = addons.catalogue.service('heroku-postgresql')
  const options = {}
  const record = store.addons.create({
    appId: app.id,
    name: 'postgresql-half-00001',
    service: 'heroku-postgresql',
    plan: 'mini',
    accountId: account.id,
    options,
    resource: provider.draft({ plan: 'mini', options }),
  })
  store.attachments.create({ appId: app.id, addonId: record.id, name: 'DATABASE', namespace: null })

  const next = planeAt(plane.root)
  await next.addons.recover()

  const config = await next.config(app.name)
  assert.equal(next.store.addons.get(record.id).state, 'provisioned')
  assert.equal(await ask(config['DATABASE_URL'] ?? '', 'select 1 as answer'), 1)
  await next.close()
})

test('destroying an app removes its databases without a release', async () => {
  const app = plane.newApp('going')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const count = store.releases.list(app.id).length

  await addons.remove(app.id)

  assert.equal(store.addons.find(addon.id), undefined)
  assert.equal(store.releases.list(app.id).length, count)
})

/** A provider whose servers take their time, or never come. */
const slowProvider = (provision: () => Promise<void>): Provider => ({
  service: {
    name: 'slow',
    humanName: 'Slow',
    plans: [{ name: 'only', humanName: 'Only' }],
    defaultPlan: 'only',
    addonPrefix: 'slow',
  },
  attachmentNames: () => ['SLOW'],
  draft: () => ({ secret: 's' }),
  provision,
  deprovision: async () => {},
  rotate: (resource) => resource,
  configVars: (_resource, { name }) => ({ [`${name}_URL`]: 'slow://{{endpoint:slow}}' }),
  namespaces: () => [],
  endpoints: () => ({ slow: '127.0.0.1:1' }),
  start: async () => {},
  close: async () => {},
})

test('what takes long is provisioning, and is attached with a release when it is there', async () => {
  let finish = () => {}
  const slow = new Promise<void>((resolve) => (finish = resolve))
  const other = openTestPlane({ providers: [slowProvider(() => slow)], waitMs: 20 })
  const app = other.newApp('patient')

  const addon = await other.addons.create({ app, accountId: other.account.id, plan: 'slow' })
  const before = await other.config(app.name)
  finish()
  await other.addons.close()

  assert.equal(addon.state, 'provisioning')
  assert.deepEqual(before, {})
  assert.deepEqual(await other.config(app.name), { SLOW_URL: 'slow://127.0.0.1:1' })
  assert.equal(
    other.store.releases.list(app.id).at(-1)?.description,
    `Attach SLOW (@ref:${addon.name})`,
  )
  await other.close()
  await other.remove()
})

test('what cannot be made at once is an error and leaves nothing; later, it says why', async () => {
  let delayMs = 0
  const provision = async () => {
    await sleep(delayMs)
    throw problem('addon_unavailable', 'There is no server.', { hint: 'Install one.' })
  }
  const other = openTestPlane({ providers: [slowProvider(provision)], waitMs: 50 })
  const app = other.newApp('unlucky')
  const request = { app, accountId: other.account.id, plan: 'slow' }

  await assert.rejects(other.addons.create(request), { code: 'addon_unavailable' })
  assert.deepEqual(
    [other.store.addons.ofApp(app.id), other.store.attachments.ofApp(app.id)],
    [[], []],
  )
  delayMs = 100
  const addon = await other.addons.create(request)
  await other.addons.close()
  await sleep(50)

  const failed = other.store.addons.get(addon.id)
  assert.deepEqual([failed.state, failed.message], ['deprovisioned', 'There is no server.'])
  assert.deepEqual(other.store.attachments.ofApp(app.id), [])
  await other.close()
  await other.remove()
})

test('an add-on that cannot be made takes nothing from the one whose name it was to have', async () => {
  const provision = async () => {
    throw problem('addon_unavailable', 'There is no server.')
  }
  const other = openTestPlane({ providers: [slowProvider(provision)] })
  const app = other.newApp('unharmed-name')
  const accountId = other.account.id
  await other.addons.create({ app, accountId, plan: 'heroku-postgresql' })
  other.store.configVars.set(app.id, { name: 'MINE_URL', value: 'mine', attachmentId: null })
  const before = await other.config(app.name)

  for (const attachmentName of ['DATABASE', 'MINE']) {
    const request = { app, accountId, plan: 'slow', attachmentName }
    await assert.rejects(other.addons.create(request), { code: 'confirmation_required' })
    const confirmed = other.addons.create({ ...request, confirm: app.name })
    await assert.rejects(confirmed, { code: 'addon_unavailable' })
  }

  assert.deepEqual(await other.config(app.name), before)
  await other.close()
  await other.remove()
})

test('a new add-on takes over a name with confirmation, in two releases', async () => {
  const app = plane.newApp('taken-over')
  const first = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const before = await plane.config(app.name)
  const request = {
    app,
    accountId: account.id,
    plan: 'heroku-postgresql',
    attachmentName: 'database',
  }

  const second = await addons.create({ ...request, confirm: app.name })

  assert.notEqual((await plane.config(app.name))['DATABASE_URL'], before['DATABASE_URL'])
  assert.deepEqual(descriptions(app.id).slice(-2), [
    `Detach DATABASE (@ref:${first.name})`,
    `Attach DATABASE (@ref:${second.name})`,
  ])
})

test('nothing went wrong unseen', () => {
  assert.deepEqual(plane.bugs, [])
})
