import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openAuthority } from '../certificates/index.ts'
import { appRoutes } from './apps.ts'
import { domainRoutes } from './domains.ts'
import { sniEndpointRoutes } from './sni-endpoints.ts'
import { openTestApi } from './testing.ts'

let published = 0
const api = openTestApi([appRoutes, domainRoutes, sniEndpointRoutes], {
  route: async () => void published++,
})
after(() => api.close())

const certificates = openAuthority(mkdtempSync(join(tmpdir(), 'hokku-domains-')))

async function newApp(name: string): Promise<string> {
  await api.call('POST', '/apps', { body: { name } })
  return `/apps/${name}`
}

type Shown = Record<string, unknown>

test('an app starts with one domain, its own with the port', async () => {
  const app = await newApp('one-domain')

  const { status, body } = await api.call('GET', `${app}/domains`, { range: 'id ..; max=1000;' })

  const [own, ...rest] = body as Shown[]
  assert.equal(status, 200)
  assert.deepEqual([own?.['kind'], own?.['hostname']], ['heroku', 'one-domain.localhost:8080'])
  assert.deepEqual(rest, [])
})

test('a custom domain is active at once and published to the router', async () => {
  const app = await newApp('custom')
  const before = published

  const { status, body } = await api.call('POST', `${app}/domains`, {
    body: { hostname: 'WWW.Custom.example', sni_endpoint: null },
  })

  const { hostname, kind, cname, status: state } = body as Shown
  assert.deepEqual([status, published], [201, before + 1])
  assert.deepEqual(
    [hostname, kind, cname, state],
    ['www.custom.example', 'custom', 'custom.localhost', 'none'],
  )
  const info = await api.call('GET', `${app}/domains/WWW.custom.example`)
  assert.deepEqual(info.body, body)
})

test('a wildcard is added, found and removed under its own name', async () => {
  const app = await newApp('wildcard')

  const added = await api.call('POST', `${app}/domains`, { body: { hostname: '*.wild.example' } })
  const found = await api.call('GET', `${app}/domains/*.wild.example`)
  const removed = await api.call('DELETE', `${app}/domains/%2A.wild.example`)

  assert.deepEqual([added.status, found.status, removed.status], [201, 200, 200])
})

test('a name that another app has, or this one, is refused, and the answer names it', async () => {
  const [mine, other] = [await newApp('mine-first'), await newApp('comes-late')]
  const body = { hostname: 'taken.example' }
  await api.call('POST', `${mine}/domains`, { body })

  const again = await api.call('POST', `${mine}/domains`, { body })
  const foreign = await api.call('POST', `${other}/domains`, { body })

  assert.deepEqual([again.status, foreign.status], [422, 422])
  assert.match((again.body as { message: string }).message, /already added to this app/)
  assert.match((foreign.body as { message: string }).message, /in use by another app/)
})

test('what is no host name, or the platform’s own, is refused', async () => {
  const app = await newApp('refusals')

  for (const hostname of ['nonsense', 'a b', 'comes-late.localhost', '127.0.0.1']) {
    const { status, body } = await api.call('POST', `${app}/domains`, { body: { hostname } })

    assert.deepEqual([status, (body as Shown)['id']], [422, 'invalid_params'], hostname)
  }
})

test("a removed domain is free again; another app's cannot be removed", async () => {
  const [one, two] = [await newApp('remover'), await newApp('not-mine')]
  await api.call('POST', `${one}/domains`, { body: { hostname: 'free.example' } })

  const foreign = await api.call('DELETE', `${two}/domains/free.example`)
  const removed = await api.call('DELETE', `${one}/domains/free.example`)
  const added = await api.call('POST', `${two}/domains`, { body: { hostname: 'free.example' } })

  assert.deepEqual([foreign.status, removed.status, added.status], [404, 200, 201])
})

test('a certificate of one’s own is checked, shown without its key, and tied to domains', async () => {
  const app = await newApp('certified')
  await api.call('POST', `${app}/domains`, { body: { hostname: 'tls.example' } })
  const authority = await certificates
  const { certPem, keyPem } = await authority.leaf('tls.example')
  const root = readFileSync(authority.rootFile, 'utf8')

  const { status, body } = await api.call('POST', `${app}/sni-endpoints`, {
    body: { certificate_chain: root + certPem, private_key: keyPem },
  })

  const { name, ssl_cert: facts } = body as { name: string; ssl_cert: Shown }
  assert.equal(status, 201)
  assert.deepEqual(
    [facts['cert_domains'], facts['self_signed?'], facts['ca_signed?']],
    [['tls.example'], false, false],
  )
  assert.doesNotMatch(JSON.stringify(body), /PRIVATE KEY/)
  const tied = await api.call('PATCH', `${app}/domains/tls.example`, {
    body: { sni_endpoint: name },
  })
  assert.equal((tied.body as { sni_endpoint: { name: string } }).sni_endpoint.name, name)
  const [endpoint] = api.store.sniEndpoints.list((body as { app: { id: string } }).app.id)
  assert.equal(endpoint?.certificateChain.trim(), `${certPem.trim()}\n${root.trim()}`)
  await api.call('DELETE', `${app}/sni-endpoints/${name}`)
  const { body: untied } = await api.call('GET', `${app}/domains/tls.example`)
  assert.equal((untied as Shown)['sni_endpoint'], null)
})

test('a certificate that cannot be served is refused with the reason', async () => {
  const app = await newApp('uncertified')
  const authority = await certificates
  const [one, two] = await Promise.all(['one.example', 'two.example'].map(authority.leaf))
  const chain = one?.certPem ?? ''

  const cases = [
    ['nonsense', one?.keyPem, /not readable PEM/],
    [chain, 'nonsense', /not a readable PEM private key/],
    [chain, two?.keyPem, /does not belong/],
    [chain, '-----BEGIN ENCRYPTED PRIVATE KEY-----', /passphrase/],
  ] as const
  for (const [certificate_chain, private_key, reason] of cases) {
    const { status, body } = await api.call('POST', `${app}/sni-endpoints`, {
      body: { certificate_chain, private_key },
    })

    assert.equal(status, 422)
    assert.match((body as { message: string }).message, reason)
  }
})

test('a member serves a name only after the owner of the name has said so in DNS', async (t) => {
  const txt = new Map<string, string[]>()
  const cname = new Map<string, string[]>()
  const dns = openTestApi([appRoutes, domainRoutes], {
    names: {
      txt: async (name) => txt.get(name) ?? [],
      cname: async (name) =>
        cname.get(name) ??
        [...cname].find(([key]) => key.startsWith('*') && name.endsWith(key.slice(1)))?.[1] ??
        [],
    },
  })
  t.after(dns.close)
  const member = (email: string) => {
    const { id } = dns.store.accounts.create(email)
    return dns.store.accounts.authorize(id, 'test').token
  }
  const [ann, eve] = [member('ann@example.com'), member('eve@example.com')]
  await dns.call('POST', '/apps', { token: ann, body: { name: 'anns' } })
  await dns.call('POST', '/apps', { token: eve, body: { name: 'eves' } })
  const add = (app: string, token: string, hostname: string) =>
    dns.call('POST', `/apps/${app}/domains`, { token, body: { hostname } })
  const stateOf = async (hostname: string) => {
    const { body } = await dns.call('GET', `/apps/anns/domains/${hostname}`, { token: ann })
    return (body as Shown)['status']
  }

  const stolen = await add('eves', eve, 'bank.example')
  const refused = await add('anns', ann, 'bank.example')
  const annsId = dns.store.apps.find('anns')?.id ?? ''
  txt.set('_hokku.bank.example', ['v=spf1 -all', `hokku-app=${annsId}`])
  const taken = await add('anns', ann, 'bank.example')

  assert.equal((stolen.body as Shown)['status'], 'pending')
  assert.match(
    String(stolen.headers['warning-message']),
    /not served yet.*CNAME of eves\.localhost.*TXT record _hokku\.bank\.example/,
  )
  assert.equal(refused.status, 422)
  assert.match(JSON.stringify(refused.body), new RegExp(`hokku-app=${annsId}`))
  assert.equal((taken.body as Shown)['status'], 'none')
  assert.equal(dns.store.domains.find('bank.example')?.appId, annsId)

  const alias = await add('anns', ann, 'www.shop.example')
  assert.equal((alias.body as Shown)['status'], 'pending')
  assert.equal(await stateOf('www.shop.example'), 'pending')
  cname.set('www.shop.example', ['Anns.localhost.'])
  assert.equal(await stateOf('www.shop.example'), 'none')

  // A wildcard of one app does not prove names below it for another.
  cname.set('*.wild.example', ['anns.localhost'])
  const wild = await add('anns', ann, '*.wild.example')
  const below = await add('eves', eve, 'login.wild.example')
  assert.equal((wild.body as Shown)['status'], 'none')
  assert.equal((below.body as Shown)['status'], 'pending')
})

test('the owner of the installation waives a proof', async () => {
  const { id } = api.store.accounts.create('waiting@example.com')
  const { token } = api.store.accounts.authorize(id, 'test')
  await api.call('POST', '/apps', { token, body: { name: 'waiting' } })
  await api.call('POST', '/apps/waiting/domains', { token, body: { hostname: 'waived.example' } })

  const refused = await api.call('POST', '/hokku/domains/waived.example/waive', { token })
  const waived = await api.call('POST', '/hokku/domains/waived.example/waive')

  assert.equal(refused.status, 403)
  assert.deepEqual(waived.body, { hostname: 'waived.example', app: 'waiting' })
  assert.notEqual(api.store.domains.find('waived.example')?.provedAt, null)
})
