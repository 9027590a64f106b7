import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { text } from 'node:stream/consumers'
import { portOf } from '@hokku/kit/port-of'
import { renderConfig } from '../../store/index.ts'
import { testProviderContract } from '../provider-contract.ts'
import { openTestPlane } from '../testing.ts'
import { readExternalSearch } from './config.ts'
import { bonsaiProvider } from './provider.ts'
import { createSearchServer } from './server.ts'

/**
 * Elasticsearch is not in Debian, npm or PyPI, so unless a real one is named in
 * HOKKU_TEST_ELASTICSEARCH_URL this stands in for it: users, roles, and documents of who may.
 */
const users = new Map<string, string>([['elastic', 'admin']])
const documents = new Map<string, string>()
const standIn = createServer((request, response) => {
  void answer(request).then(([status, body]) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
})
let isOpen = false

async function answer(request: IncomingMessage): Promise<[number, object]> {
  const [user = '', password = ''] = Buffer.from(
    request.headers.authorization?.replace('Basic ', '') ?? '',
    'base64',
  )
    .toString()
    .split(':')
  if (!isOpen && users.get(user) !== password) return [401, { error: 'unable to authenticate' }]
  const body = await text(request)
  const path = request.url ?? ''
  if (path === '/') return [200, { cluster_name: 'stand-in', version: { number: '8.15.0' } }]
  const [, kind, name = ''] = /^\/_security\/(user|role)\/(\w+)$/.exec(path) ?? []
  if (kind !== undefined) {
    if (user !== 'elastic') return [403, { error: 'action is unauthorized' }]
    if (request.method === 'DELETE') {
      return [kind === 'role' || users.delete(name) ? 200 : 404, { found: true }]
    }
    const { password: given, roles } = JSON.parse(body) as { password?: string; roles?: string[] }
    if (kind === 'user') {
      assert.deepEqual(roles, [name])
      users.set(name, given ?? '')
    }
    return [200, { created: true }]
  }
  if (request.method === 'PUT') documents.set(path, body)
  const found = documents.get(path)
  return found === undefined ? [404, { found: false }] : [200, { _source: JSON.parse(found) }]
}

const serverAt = (address: string | undefined) =>
  createSearchServer(readExternalSearch({ HOKKU_ELASTICSEARCH_URL: address }))

let url = process.env['HOKKU_TEST_ELASTICSEARCH_URL'] ?? ''
let provider: ReturnType<typeof bonsaiProvider>

before(async () => {
  await new Promise<void>((resolve) => standIn.listen(0, '127.0.0.1', () => resolve()))
  url ||= `http://elastic:admin@localhost:${portOf(standIn)}`
  provider = bonsaiProvider(serverAt(url))
})
after(() => standIn.close())

/** Stores a document and reads it again, as `PIO_ELASTICSEARCH_URL` would be used. */
async function use(address: string): Promise<void> {
  const { origin, username, password } = new URL(address)
  const headers = {
    'content-type': 'application/json',
    ...(username && { authorization: `Basic ${btoa(`${username}:${password}`)}` }),
  }
  const at = `${origin}/hokku_test/_doc/1`
  const put = await fetch(at, { method: 'PUT', headers, body: '{"n":1}' })
  assert.ok(put.ok, `${put.status}`)
  const got = (await (await fetch(at, { headers })).json()) as { _source: { n: number } }
  assert.equal(got._source.n, 1)
}

testProviderContract('bonsai', {
  provider: () => provider,
  use: ({ CHOSEN_URL: address = '' }) => use(address),
})

test('a cluster without users is handed out as it is', async (context) => {
  if (process.env['HOKKU_TEST_ELASTICSEARCH_URL']) return context.skip('needs an open cluster')
  isOpen = true
  const open = bonsaiProvider(serverAt(url.replace('elastic:admin@', '')))
  await open.start()
  const resource = open.draft({ plan: 'sandbox', options: { version: '5.1' } })

  await open.provision(resource, 'sandbox')

  const { PIO_ELASTICSEARCH_URL: value = '' } = open.configVars(resource, {
    name: 'PIO_ELASTICSEARCH',
    namespace: null,
  })
  const stored = { name: 'PIO_ELASTICSEARCH_URL', value, attachmentId: 'any' }
  const config = renderConfig([stored], open.endpoints())
  assert.match(config['PIO_ELASTICSEARCH_URL'] ?? '', /^http:\/\/127\.0\.0\.1:\d+$/)
  await use(config['PIO_ELASTICSEARCH_URL'] ?? '')
  isOpen = false
})

const FAULTS: readonly (readonly [string, () => string | undefined, RegExp])[] = [
  ['nothing named', () => undefined, /HOKKU_ELASTICSEARCH_URL names none/],
  [
    'no server there',
    () => 'http://a:b@127.0.0.1:1',
    /HOKKU_ELASTICSEARCH_URL at 127\.0\.0\.1:1 cannot be reached/,
  ],
  ['a wrong password', () => url.replace('elastic:', 'stranger:'), /Elasticsearch answered 401/],
]
for (const [what, address, message] of FAULTS) {
  test(`with ${what}, creating the add-on says so and leaves nothing`, async () => {
    const plane = openTestPlane({ providers: [bonsaiProvider(serverAt(address()))] })
    plane.newApp('search')
    const headers = { authorization: `Bearer ${plane.token}` }

    const answer = await plane.api.inject({
      method: 'POST',
      url: '/apps/search/addons',
      headers,
      payload: {
        plan: 'bonsai',
        config: { version: '5.1' },
        attachment: { name: 'PIO_ELASTICSEARCH' },
      },
    })
    const left = await plane.api.inject({ url: '/apps/search/addons', headers })

    assert.equal(answer.statusCode, 503)
    assert.match(answer.json<{ message: string }>().message, message)
    assert.deepEqual(left.json(), [])
    await plane.close()
    await plane.remove()
  })
}
