import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { homeAt } from './home.ts'
import { openTestStore, type TestStore } from './testing.ts'

/** A store with an owner and an app. */
function openWithApp() {
  const opened = openTestStore()
  const owner = opened.store.accounts.create('owner@example.com')
  const app = opened.store.apps.create('shop', owner.id)
  return { ...opened, owner, app, [Symbol.dispose]: () => opened[Symbol.dispose]() }
}

/** Everything that the store has written, as text. */
const onDisk = ({ folder }: Pick<TestStore, 'folder'>): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('')

test('a token is known by its text until it expires or is revoked, and is not kept', () => {
  using opened = openWithApp()
  const { store, owner } = opened
  const lasting = store.accounts.authorize(owner.id, 'laptop')
  const short = store.accounts.authorize(owner.id, 'script', {
    expiresAt: '2030-01-01T00:01:00.000Z',
  })

  assert.equal(store.accounts.holderOf(short.token)?.authorization.id, short.id)
  opened.wait(60_000)
  assert.equal(store.accounts.holderOf(short.token), undefined)
  assert.equal(store.accounts.holderOf(lasting.token)?.account.email, 'owner@example.com')
  assert.equal(store.accounts.holderOf('HRKU-guess'), undefined)
  assert.ok(store.accounts.revoke(owner.id, lasting.id))
  assert.ok(!store.accounts.revoke(owner.id, lasting.id))
  assert.equal(store.accounts.holderOf(lasting.token), undefined)
  assert.ok(!onDisk(opened).includes(lasting.token))
  assert.deepEqual(
    store.accounts.authorizations(owner.id).map(({ description }) => description),
    ['script'],
  )
})

test('an account is found by id, and by email regardless of its case', () => {
  using opened = openWithApp()
  const { store, owner } = opened

  store.accounts.setPasswordHash(owner.id, 'hash')

  assert.equal(store.accounts.find(owner.id)?.passwordHash, 'hash')
  assert.equal(store.accounts.find('OWNER@example.com')?.id, owner.id)
  assert.equal(store.accounts.find('other@example.com'), undefined)
})

test('the same SSH key again changes its comment', () => {
  using opened = openWithApp()
  const { store, owner } = opened
  const key = { accountId: owner.id, fingerprint: 'aa:bb', publicKey: 'ssh-ed25519 A' }

  const first = store.accountKeys.add({ ...key, comment: 'old' })
  const second = store.accountKeys.add({ ...key, comment: 'new' })

  assert.deepEqual(store.accountKeys.list(owner.id), [second])
  assert.equal(second.id, first.id)
  store.accountKeys.remove(owner.id, first.id)
  assert.deepEqual(store.accountKeys.list(owner.id), [])
})

test('an account sees apps that it owns and those it collaborates on', () => {
  using opened = openWithApp()
  const { store, owner, app } = opened
  const guest = store.accounts.create('guest@example.com')
  store.apps.create('another', owner.id)

  store.collaborators.add(app.id, guest.id)
  store.collaborators.add(app.id, guest.id)

  assert.deepEqual(
    store.apps.ofAccount(owner.id).map(({ name }) => name),
    ['another', 'shop'],
  )
  assert.deepEqual(
    store.apps.ofAccount(guest.id).map(({ name }) => name),
    ['shop'],
  )
  assert.equal(store.collaborators.list(app.id).length, 1)
  assert.ok(store.collaborators.remove(app.id, guest.id))
  assert.ok(!store.collaborators.remove(app.id, guest.id))
})

test('an app that is removed takes with it what belongs to it', () => {
  using opened = openWithApp()
  const { store, app } = opened
  store.configVars.set(app.id, { name: 'A', value: '1', attachmentId: null })
  store.domains.create(app.id, 'example.com', null)

  store.apps.remove(app.id)

  assert.equal(store.apps.find('shop'), undefined)
  assert.deepEqual(store.configVars.list(app.id), [])
  assert.equal(store.domains.find('example.com'), undefined)
})

test('config vars are sealed on disk, listed by name, and taken away with their attachment', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const secret = 'correct horse battery staple'

  store.configVars.set(app.id, { name: 'B', value: secret, attachmentId: null })
  store.configVars.set(app.id, { name: 'A', value: 'old', attachmentId: 'at' })
  store.configVars.set(app.id, { name: 'A', value: 'new', attachmentId: 'at' })

  assert.deepEqual(store.configVars.list(app.id), [
    { name: 'A', value: 'new', attachmentId: 'at' },
    { name: 'B', value: secret, attachmentId: null },
  ])
  assert.ok(!onDisk(opened).includes(secret))
  store.configVars.unsetAttachment('at')
  store.configVars.unset(app.id, 'B')
  assert.deepEqual(store.configVars.list(app.id), [])
})

test('versions of releases only grow, and one is found by number, v-number or id', () => {
  using opened = openWithApp()
  const { store, app, owner } = opened
  const add = (status: 'pending' | 'succeeded' | 'failed') =>
    store.releases.create({
      appId: app.id,
      accountId: owner.id,
      description: status,
      slugId: null,
      status,
      outputSecret: `secret-${status}`,
      config: [{ name: 'A', value: status, attachmentId: null }],
      addonPlans: ['heroku-postgresql:essential-0'],
    })

  const [first, second, third] = [add('succeeded'), add('failed'), add('pending')]

  assert.deepEqual(
    store.releases.list(app.id).map(({ version }) => version),
    [1, 2, 3],
  )
  for (const key of ['2', 'v2', second.id]) {
    assert.deepEqual(store.releases.find(app.id, key), second)
  }
  assert.equal(store.releases.find(app.id, 'v9'), undefined)
  assert.deepEqual(store.releases.current(app.id), first)
  assert.deepEqual(store.releases.pending(), [third])
  assert.deepEqual(store.releases.byOutputSecret('secret-failed'), second)
  assert.deepEqual(store.releases.config(second), [
    { name: 'A', value: 'failed', attachmentId: null },
  ])
  assert.deepEqual(store.releases.setStatus(third.id, 'succeeded').addonPlans, third.addonPlans)
  assert.equal(store.releases.current(app.id)?.version, 3)
})

test('an app has one build at a time, whose end says what came of it', () => {
  using opened = openWithApp()
  const { store, app, owner } = opened
  const add = (outputSecret: string) =>
    store.builds.create({
      appId: app.id,
      accountId: owner.id,
      source: { kind: 'commit', sha: 'abc' },
      sourceVersion: 'abc',
      outputSecret,
    })

  const build = add('one')
  assert.throws(() => add('two'), /UNIQUE/)
  store.builds.setBuildpacks(build.id, [{ name: 'heroku/nodejs', url: 'urn:x' }])
  const ended = store.builds.end(build.id, { status: 'failed', failure: 'no package.json' })

  assert.equal(ended.failure, 'no package.json')
  assert.deepEqual(ended.source, { kind: 'commit', sha: 'abc' })
  assert.deepEqual(ended.buildpacks, [{ name: 'heroku/nodejs', url: 'urn:x' }])
  assert.equal(store.builds.pendingOf(app.id), undefined)
  const next = add('two')
  assert.deepEqual(store.builds.pending(), [next])
  assert.deepEqual(store.builds.byOutputSecret('one'), ended)
  assert.deepEqual(store.builds.find(app.id, next.id), store.builds.pendingOf(app.id))
  store.builds.remove(next.id)
  assert.deepEqual(store.builds.list(app.id), [ended])
})

test('a slug is completed when its layers have arrived', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const slug = store.slugs.create({
    appId: app.id,
    commit: 'abc',
    commitDescription: null,
    buildpackDescription: 'Node.js',
    checksum: null,
    size: null,
    stack: 'heroku-24',
    processTypes: { web: 'node .' },
    manifest: null,
  })

  const done = store.slugs.complete(slug.id, { manifest: '[]', checksum: 'SHA256:1', size: 12 })

  assert.deepEqual(
    { ...done, updatedAt: slug.updatedAt },
    { ...slug, manifest: '[]', checksum: 'SHA256:1', size: 12 },
  )
  assert.deepEqual(store.slugs.list(app.id), [done])
  assert.deepEqual(store.slugs.list('other'), [])
  store.slugs.remove(slug.id)
  assert.equal(store.slugs.find(slug.id), undefined)
})

test('what a provider keeps about an add-on is sealed, and not part of the add-on', () => {
  using opened = openWithApp()
  const { store, app, owner } = opened
  const addon = store.addons.create({
    appId: app.id,
    name: 'postgresql-calm-1',
    service: 'heroku-postgresql',
    plan: 'essential-0',
    accountId: owner.id,
    options: { version: '15', follow: true },
    resource: { password: 'correct horse battery staple' },
  })

  assert.equal(addon.state, 'provisioning')
  assert.deepEqual(addon.options, { version: '15', follow: true })
  assert.deepEqual(store.addons.resource(addon.id), { password: 'correct horse battery staple' })
  assert.ok(!onDisk(opened).includes('battery staple'))
  store.addons.setResource(addon.id, ['rotated'])
  assert.deepEqual(store.addons.resource(addon.id), ['rotated'])
  const configuring = store.addons.update(addon.id, { state: 'provisioned', task: 'configure' })
  assert.deepEqual(store.addons.find('postgresql-calm-1'), configuring)
  assert.deepEqual(store.addons.ofApp(app.id), [configuring])
  store.addons.remove(addon.id)
  assert.throws(() => store.addons.resource(addon.id), /add-on .* is gone/)
})

test('attachments of an app come oldest first', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const addon = store.addons.create({
    appId: app.id,
    name: 'db',
    service: 's',
    plan: 'p',
    accountId: null,
    options: {},
    resource: null,
  })
  const add = (name: string) =>
    store.attachments.create({ appId: app.id, addonId: addon.id, name, namespace: null })

  const later = add('Z')
  opened.wait(1)
  const latest = add('A')

  assert.deepEqual(store.attachments.ofApp(app.id), [later, latest])
  assert.deepEqual(store.attachments.ofAddon(addon.id), [later, latest])
  store.attachments.remove(later.id)
  assert.equal(store.attachments.find(later.id), undefined)
})

test('a list of buildpacks is replaced as a whole, in its order', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const [a, b] = [
    { url: 'heroku/nodejs', name: 'heroku/nodejs' },
    { url: 'https://example.com/b', name: 'https://example.com/b' },
  ]

  store.buildpackInstallations.replace(app.id, [a])
  store.buildpackInstallations.replace(app.id, [b, a])

  assert.deepEqual(store.buildpackInstallations.list(app.id), [b, a])
})

test('a host name belongs to one app', () => {
  using opened = openWithApp()
  const { store, app, owner } = opened
  const other = store.apps.create('other', owner.id)

  const domain = store.domains.create(app.id, 'www.example.com', null)

  assert.equal(store.domains.create(other.id, 'www.example.com', null), undefined)
  assert.deepEqual(store.domains.list(app.id), [domain])
  store.domains.remove(domain?.id ?? '')
  assert.equal(store.domains.find('www.example.com'), undefined)
})

test('a certificate is replaced under its name, its key sealed', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const [old, renewed] = ['old', 'renewed'].map((name) => ({
    displayName: name,
    certificateChain: `chain ${name}`,
    privateKey: `PRIVATE KEY ${name}`,
  }))
  assert.ok(old && renewed)

  const made = store.sniEndpoints.create(app.id, old)
  const domain = store.domains.create(app.id, 'www.example.com', null)
  store.domains.associate(domain?.id ?? '', made.id)
  const after = store.sniEndpoints.replace(made.id, renewed)

  assert.match(made.name, /^certificate-\d{8}$/)
  assert.deepEqual(after, { ...made, ...renewed })
  assert.deepEqual(store.sniEndpoints.list(app.id), [after])
  assert.ok(!onDisk(opened).includes('PRIVATE KEY'))
  store.sniEndpoints.remove(made.id)
  assert.equal(store.domains.find('www.example.com')?.sniEndpointId, null)
})

test('the clock of a dyno state starts when the state changes, and only then', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const dyno = store.dynos.create({
    id: 'd1',
    appId: app.id,
    name: 'web.1',
    type: 'web',
    ordinal: 1,
    command: 'node .',
    size: 'Basic',
    releaseId: 'r',
    releaseVersion: 3,
    state: 'starting',
    stateReason: null,
    fresh: true,
    retired: false,
    serving: false,
    host: null,
    port: null,
    crashes: 0,
    restartAt: null,
    cycleAt: null,
    attached: false,
    attachUrl: null,
    deadline: null,
    exitCode: null,
    exitSignal: null,
    exitOom: null,
  })

  opened.wait(1000)
  const listening = store.dynos.update('d1', { state: 'starting', port: 5000 })
  opened.wait(1000)
  const up = store.dynos.update('d1', { state: 'up', serving: true })

  assert.equal(listening?.stateSince, dyno.stateSince)
  assert.equal(up?.stateSince, '2030-01-01T00:00:02.000Z')
  assert.deepEqual([up.port, up.serving, up.exitOom], [5000, true, null])
  assert.deepEqual(store.dynos.list(app.id), store.dynos.all())
  store.dynos.remove('d1')
  assert.equal(store.dynos.update('d1', { state: 'down' }), undefined)
  assert.throws(() => store.dynos.get('d1'), /dyno d1 is gone/)
})

test('a process type has one entry in the formation', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const web = { type: 'web', quantity: 1, size: 'Basic', command: 'node .' }

  store.formations.set(app.id, web)
  store.formations.set(app.id, { ...web, quantity: 3 })

  assert.deepEqual(
    store.formations.list(app.id).map(({ type, quantity }) => [type, quantity]),
    [['web', 3]],
  )
  store.formations.remove(app.id, 'web')
  assert.equal(store.formations.find(app.id, 'web'), undefined)
})

test('features are off until they are set, each owner for itself', () => {
  using opened = openTestStore()
  const { features } = opened.store
  const [app, account] = [
    { kind: 'app', id: 'x' },
    { kind: 'account', id: 'x' },
  ] as const

  features.set(app, 'preboot', true)

  assert.ok(features.isEnabled(app, 'preboot'))
  assert.ok(!features.isEnabled(account, 'preboot'))
  features.set(app, 'preboot', false)
  assert.ok(!features.isEnabled(app, 'preboot'))
})

test('a drain has its own token, and its URL is sealed', () => {
  using opened = openWithApp()
  const { store, app } = opened

  const drain = store.logDrains.create(app.id, 'https://user:pass@example.com/logs')

  assert.match(drain.token, /^d\.[\da-f-]{36}$/)
  assert.deepEqual(store.logDrains.list(app.id), [drain])
  assert.deepEqual(store.logDrains.list(), [drain])
  assert.deepEqual(store.logDrains.list('other'), [])
  assert.ok(!onDisk(opened).includes('user:pass'))
  store.logDrains.remove(drain.id)
  assert.deepEqual(store.logDrains.list(), [])
})

test('transfers count up within their app, over all kinds, and keep their log in order', () => {
  using opened = openWithApp()
  const { store, app, owner } = opened
  const other = store.apps.create('other', owner.id)
  const add = (appId: string, kind: 'backup' | 'restore') =>
    store.transfers.create({
      appId,
      addonId: null,
      kind,
      scheduleId: null,
      fromName: 'DATABASE',
      toName: 'BACKUP',
    })

  const [first, second] = [add(app.id, 'backup'), add(app.id, 'restore')]
  const elsewhere = add(other.id, 'backup')
  store.transfers.log(first.id, 'started')
  store.transfers.log(first.id, 'done')
  const done = store.transfers.update(first.id, {
    finishedAt: 'now',
    succeeded: true,
    sourceBytes: 9,
  })

  assert.deepEqual([first.num, second.num, elsewhere.num], [1, 2, 1])
  assert.deepEqual([done.succeeded, done.warnings, done.sourceBytes], [true, 0, 9])
  assert.deepEqual(
    store.transfers.logs(first.id).map(({ message }) => message),
    ['started', 'done'],
  )
  assert.deepEqual(store.transfers.find(app.id, '2'), second)
  assert.deepEqual(store.transfers.find(app.id, second.id), second)
  assert.equal(store.transfers.find(app.id, elsewhere.id), undefined)
  assert.deepEqual(store.transfers.unfinished(), [second, elsewhere])
  store.transfers.remove(second.id)
  assert.deepEqual(store.transfers.ofApp(app.id), [done])
  assert.equal(store.transfers.findById(second.id), undefined)
})

test('a schedule under the same name replaces the first and keeps its last run', () => {
  using opened = openWithApp()
  const { store, app } = opened
  const { id: addonId } = store.addons.create({
    appId: app.id,
    name: 'db',
    service: 's',
    plan: 'p',
    accountId: null,
    options: {},
    resource: null,
  })
  const schedule = { addonId, name: 'DATABASE_URL', hour: 2, timezone: 'UTC' }

  const first = store.transferSchedules.set(schedule)
  store.transferSchedules.ran(first.id)
  const moved = store.transferSchedules.set({ ...schedule, hour: 4, timezone: 'Europe/Berlin' })

  assert.equal(moved.id, first.id)
  assert.deepEqual([moved.hour, moved.timezone, moved.lastRunAt], [4, 'Europe/Berlin', store.now()])
  assert.deepEqual(store.transferSchedules.ofAddon(addonId), [moved])
  store.transferSchedules.remove(first.id)
  assert.deepEqual(store.transferSchedules.list(), [])
})

test('all files of an installation lie below its root', () => {
  const { root, ...rest } = homeAt('/srv/hokku')

  assert.equal(root, '/srv/hokku')
  for (const path of Object.values(rest)) assert.match(path, /^\/srv\/hokku\/\w/)
  assert.equal(new Set(Object.values(rest)).size, Object.values(rest).length)
})
