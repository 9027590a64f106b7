import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import * as z from 'zod'
import type { Provider } from '../../addons/index.ts'
import type { Plane } from '../plane.ts'
import { RESOURCES } from '../resources.ts'
import { openTestApi } from '../testing.ts'

const Schema = z.object({
  endpoints: z.array(
    z.object({
      resource: z.string(),
      method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
      path: z.string(),
      answer: z.record(z.string(), z.unknown()),
    }),
  ),
  $defs: z.record(z.string(), z.unknown()),
})
const { endpoints, $defs } = Schema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'heroku.json'), 'utf8')),
)

const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/)
// Heroku says so of host names and of git's addresses as well.
ajv.addFormat('uri', true)
ajv.addFormat('hostname', true)
ajv.addFormat('ipv4', true)
ajv.addFormat('cidr', true)

const validators = new Map<string, ValidateFunction>()
function wrongWith(answer: object, body: unknown): string {
  const key = JSON.stringify(answer)
  const validate = validators.get(key) ?? ajv.compile({ ...answer, $defs })
  validators.set(key, validate)
  return validate(body) ? '' : ajv.errorsText(validate.errors)
}

const { api, ids } = openWorld()
after(() => api.close())

/** A path of the schema with what our world has for each of its parameters. */
const pathIn = (path: string): string =>
  path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(ids[name] ?? randomUUID()),
  )

test('every endpoint of the schema is there, or says what to use in its place', async () => {
  const missing: string[] = []
  const unsaid: string[] = []
  for (const { method, path } of endpoints) {
    const url = path.replaceAll(/\{[^}]+\}/g, randomUUID())
    const { status, body } = await api.call(method, url, method === 'GET' ? {} : { body: {} })
    const text = JSON.stringify(body)
    if (/There is nothing at/.test(text)) missing.push(`${method} ${path}`)
    if (
      status >= 500 ||
      (status === 404 && !/Couldn't find|hokku|not in a pipeline|no such/.test(text))
    )
      unsaid.push(`${method} ${path} ${status} ${text}`)
  }

  assert.deepEqual([missing, unsaid], [[], []])
})

test('what is read answers as the schema says', async () => {
  const wrong: string[] = []
  const read: string[] = []
  for (const { method, path, answer } of endpoints) {
    if (method !== 'GET') continue
    const { status, body } = await api.call('GET', pathIn(path))
    if (status >= 300) continue
    read.push(path)
    const errors = wrongWith(answer, body)
    if (errors !== '') wrong.push(`${path}: ${errors} in ${JSON.stringify(body).slice(0, 300)}`)
  }

  assert.deepEqual(wrong, [])
  // More are refused in a sentence: container images, teams' things, review apps of no pipeline.
  assert.ok(read.length >= 75, `${read.length} were read: ${read.join(' ')}`)
})

test('what is made and changed answers as the schema says', async () => {
  const requests: [method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object][] = [
    ['POST', '/apps', { name: 'made' }],
    ['PATCH', '/apps/{app}', { maintenance: true }],
    ['PATCH', '/apps/{app}/config-vars', { ME: 'founders' }],
    ['POST', '/apps/{app}/domains', { hostname: 'shop.example.com', sni_endpoint: null }],
    ['POST', '/apps/{app}/collaborators', { user: 'carol@example.com' }],
    ['PATCH', '/apps/{app}/features/{app-feature}', { enabled: true }],
    ['PATCH', '/apps/{app}/formation/{formation}', { quantity: 2 }],
    ['POST', '/apps/{app}/releases', { slug: ids['slug'] ?? '' }],
    [
      'POST',
      '/apps/{app}/webhooks',
      { include: ['api:build'], level: 'sync', url: 'https://example.com/hook' },
    ],
    ['PATCH', '/apps/{app}/webhooks/{app-webhook}', { level: 'notify' }],
    ['POST', '/oauth/clients', { name: 'mine', redirect_uri: 'https://example.com/back' }],
    ['PATCH', '/oauth/clients/{oauth-client}', { name: 'yours' }],
    ['POST', '/oauth/clients/{oauth-client}/actions/rotate-credentials'],
    ['POST', '/oauth/authorizations', { scope: ['read'], expires_in: '3600' }],
    ['PATCH', '/oauth/authorizations/{oauth-authorization}', { description: 'other' }],
    ['POST', '/oauth/authorizations/{oauth-authorization}/actions/regenerate-tokens'],
    ['POST', '/pipelines', { name: 'another' }],
    ['PATCH', '/pipelines/{pipeline}', { name: 'renamed' }],
    ['PATCH', '/pipeline-couplings/{pipeline-coupling}', { stage: 'production' }],
    ['PATCH', '/pipelines/{pipeline}/stage/test/config-vars', { A: '1' }],
    ['PATCH', '/account', { name: 'Owner' }],
    ['DELETE', '/oauth/clients/{oauth-client}'],
    ['DELETE', '/apps/{app}/webhooks/{app-webhook}'],
  ]
  const wrong: string[] = []
  for (const [method, path, body] of requests) {
    const { status, body: answered } = await api.call(method, pathIn(path), { body })
    const schema = endpoints.find(
      (one) =>
        one.method === method && one.path === path.replace('/test/', '/{pipeline-coupling}/'),
    )
    assert.ok(schema, `${method} ${path} is in the schema`)
    const errors = status < 300 ? wrongWith(schema.answer, answered) : `status ${status}`
    if (errors !== '') wrong.push(`${method} ${path}: ${errors} in ${JSON.stringify(answered)}`)
  }

  assert.deepEqual(wrong, [])
})

/** An installation with one of everything, and where each is. */
function openWorld() {
  const service = {
    name: 'heroku-postgresql',
    humanName: 'Heroku Postgres',
    plans: [{ name: 'essential-0', humanName: 'Essential 0' }],
    defaultPlan: 'essential-0',
    addonPrefix: 'postgresql',
  }
  const provider = { service, namespaces: () => [] } as unknown as Provider
  const world = openTestApi(RESOURCES, {
    addons: {
      endpoints: () => ({}),
      catalogue: { providers: [provider], service: () => provider, choose: () => never() },
      configVarNames: () => ['DATABASE_URL'],
      matchAddons: () => world.store.addons.list(),
      matchAttachments: (_: string, [app]: { id: string }[]) =>
        world.store.attachments.ofApp(app?.id ?? ''),
      postgres: { transfers: {}, schedules: {} },
    } as unknown as Plane['addons'],
    builds: {
      builtIns: [],
      sources: { create: () => 'secret' },
      list: (appId: string) => world.store.builds.list(appId),
      find: (appId: string, id: string) => world.store.builds.find(appId, id),
      purgeCache: async () => {},
    } as unknown as Plane['builds'],
    dynos: {
      list: () => [],
      reconcile: async () => {},
      deploy: async () => ({ status: 'running' }),
    } as unknown as Plane['dynos'],
  })
  const { store, owner } = world
  const app = store.apps.create('world', owner.id)
  const bob = store.accounts.create('bob@example.com')
  store.collaborators.add(app.id, bob.id)
  const slug = store.slugs.create({
    appId: app.id,
    commit: 'f'.repeat(40),
    commitDescription: 'one',
    buildpackDescription: 'Procfile',
    checksum: `SHA256:${'0'.repeat(64)}`,
    size: 10,
    stack: 'heroku-24',
    processTypes: { web: 'run' },
    manifest: '{}',
  })
  const release = world.plane.releases.create({
    appId: app.id,
    accountId: owner.id,
    description: 'Deploy ffffffff',
    slugId: slug.id,
    releasePhase: false,
  })
  const build = store.builds.create({
    appId: app.id,
    accountId: owner.id,
    source: { kind: 'commit', sha: 'f'.repeat(40) },
    sourceVersion: 'f'.repeat(40),
    outputSecret: 'secret',
  })
  const addon = store.addons.create({
    appId: app.id,
    name: 'postgresql-round-12345',
    service: service.name,
    plan: 'essential-0',
    accountId: owner.id,
    options: {},
    resource: {},
  })
  const attachment = store.attachments.create({
    appId: app.id,
    addonId: addon.id,
    name: 'DATABASE',
    namespace: null,
  })
  const pipeline = store.pipelines.create('line', owner.id)
  const coupling = store.pipelines.couplings.create({
    pipelineId: pipeline.id,
    appId: app.id,
    stage: 'staging',
  })
  const promotion = store.pipelines.promotions.create({
    pipelineId: pipeline.id,
    sourceAppId: app.id,
    sourceReleaseId: release.id,
  })
  store.pipelines.promotions.addTarget(promotion.id, { appId: app.id, releaseId: release.id })
  const webhook = store.webhooks.create(app.id, {
    url: 'https://example.com/hook',
    level: 'sync',
    include: ['api:release'],
    secret: 'secret',
    authorization: null,
  })
  const event = store.webhooks.events.create({
    appId: app.id,
    include: 'api:release',
    payload: { action: 'create', data: {}, resource: 'release' },
  })
  const delivery = store.webhooks.deliveries.create(webhook.id, event.id)
  const transfer = store.appTransfers.create({
    appId: app.id,
    ownerId: owner.id,
    recipientId: bob.id,
    state: 'accepted',
  })
  const client = store.oauthClients.create({
    accountId: owner.id,
    name: 'client',
    redirectUri: 'https://example.com',
  })
  const setup = store.appSetups.create({ appId: app.id, accountId: owner.id, buildId: build.id })
  const domain = store.domains.create(app.id, 'www.example.com', null)
  const drain = store.logDrains.create(app.id, 'syslog://127.0.0.1:514')
  const { id: authorization } = store.accounts.authorize(owner.id, 'other')
  const key = store.accountKeys.add({
    accountId: owner.id,
    publicKey: 'ssh-ed25519 AAAA',
    fingerprint: '00:11',
    comment: 'me',
  })
  return {
    api: world,
    ids: {
      app: app.id,
      account: '~',
      'account-feature': 'none',
      'add-on': addon.id,
      'add-on-attachment': attachment.id,
      'add-on-service': service.name,
      'app-feature': 'http-session-affinity',
      'app-setup': setup.id,
      'app-transfer': transfer.id,
      'app-webhook': webhook.id,
      'app-webhook-delivery': delivery.id,
      'app-webhook-event': event.id,
      build: build.id,
      collaborator: 'bob@example.com',
      domain: domain?.id ?? '',
      'dyno-size': 'Basic',
      formation: 'web',
      key: key.id,
      'log-drain': drain.id,
      'oauth-authorization': authorization,
      'oauth-client': client.id,
      pipeline: pipeline.id,
      'pipeline-coupling': coupling.id,
      'pipeline-promotion': promotion.id,
      plan: 'heroku-postgresql:essential-0',
      region: 'us',
      release: String(release.version),
      slug: slug.id,
      stack: 'heroku-24',
    } as Record<string, string>,
  }
}

function never(): never {
  throw new Error('nothing is chosen here')
}
