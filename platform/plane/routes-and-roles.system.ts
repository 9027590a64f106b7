import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createDatabaseServer, openAddons, postgresProvider } from '../addons/index.ts'
import { absentRoutes, RESOURCES, type Plane, type Routes } from '../api/index.ts'
import { openTestApi, type TestApi } from '../api/testing.ts'
import { openLogs } from '../logs/index.ts'
import type { Store } from '../store/index.ts'
import { dashboardRoutes } from '../web/index.ts'
import { formToken } from '../web/testing.ts'
import { ROUTE_ACCESS, type Access, type Permission } from './fixtures/route-access.ts'
import { ownRoutes } from './own-routes.ts'

const health = () => ({ version: '0', notices: [], isReady: true })
/** All but those that lead to nothing, and say so to every account. */
const ROUTES = [
  ...RESOURCES.filter((routes) => routes !== absentRoutes),
  ownRoutes(health),
  dashboardRoutes,
]

/** Who asks, from no one to the owner of the app; what each may do with the app. */
const CALLERS = {
  none: undefined,
  wrong: undefined,
  expired: undefined,
  stranger: [],
  'installation owner': [],
  viewer: ['view'],
  deployer: ['view', 'deploy'],
  operator: ['view', 'operate'],
  manager: ['view', 'deploy', 'operate', 'manage'],
  'app owner': ['view', 'deploy', 'operate', 'manage'],
} as const satisfies Record<string, readonly Permission[] | undefined>
type Caller = keyof typeof CALLERS
const SCOPES = ['identity', 'read', 'write', 'read-protected', 'write-protected'] as const

test('each route lets in those it should, with each token, and refuses the others', async (t) => {
  t.mock.method(console, 'error', () => {})
  const routes = await registeredRoutes(t)
  const missing = routes.filter((route) => ROUTE_ACCESS[route] === undefined)
  const gone = Object.keys(ROUTE_ACCESS).filter((route) => !routes.includes(route))
  assert.deepEqual({ missing, gone }, { missing: [], gone: [] }, 'rows of fixtures/route-access.ts')

  const world = new World(t)
  const wrong: string[] = []
  for (const route of routes) {
    const access = ROUTE_ACCESS[route]
    if (access === undefined) continue
    for (const [who, expected] of expectations(access)) {
      const answer = await world.ask(route, who)
      if (answer !== expected) wrong.push(`${route} by ${who}: ${answer}, should be ${expected}`)
    }
  }

  assert.deepEqual(wrong, [])
})

type Verdict = 'let in' | 'sign in' | 'unauthorized' | 'forbidden' | 'not there'

/** Every caller with the whole account's token, and the owner of the app with narrower ones. */
function* expectations(access: Access): Generator<[string, Verdict]> {
  for (const who of Object.keys(CALLERS) as Caller[]) yield [who, expected(access, who)]
  if (access === 'open' || access === 'secret') return
  const [needs = '', scope = 'global'] = access.split(' ')
  for (const granted of SCOPES) {
    const mayUse = needs !== 'page' && needs !== 'owner' && includes(granted, scope)
    yield [
      `app owner with ${granted}`,
      mayUse ? 'let in' : needs === 'page' ? 'sign in' : 'forbidden',
    ]
  }
}

const includes = (granted: string, needed: string): boolean =>
  granted === needed ||
  ({
    write: ['read'],
    'read-protected': ['read'],
    'write-protected': ['read', 'write', 'read-protected'],
  }[granted]?.includes(needed) ??
    false)

function expected(access: Access, who: Caller): Verdict {
  if (access === 'open') return 'let in'
  // The secrets that are sent do not exist.
  if (access === 'secret') return 'not there'
  const [needs = '', more = ''] = access.split(' ')
  const isPage = needs === 'page'
  const granted: readonly string[] | undefined = CALLERS[who]
  if (granted === undefined) return isPage ? 'sign in' : 'unauthorized'
  const needed = isPage ? more : needs
  if (needed === 'owner') return who === 'installation owner' ? 'let in' : 'forbidden'
  if (needed === 'account' || needed === '') return 'let in'
  if (granted.length === 0) return 'not there'
  return granted.includes(needed) ? 'let in' : 'forbidden'
}

async function registeredRoutes(t: Pick<TestContext, 'after'>): Promise<string[]> {
  const found: string[] = []
  const record: Routes = (api) => {
    api.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') found.push(`${one} ${url}`)
    })
  }
  const api = openTestApi([record, ...ROUTES])
  t.after(api.close)
  await api.call('GET', '/hokku/health')
  return found
}

/** An app with an add-on, and everyone around it. It is made again after something is removed. */
class World {
  #open: OpenWorld | undefined

  constructor(context: Pick<TestContext, 'after'>) {
    context.after(() => this.#close())
  }

  async #close(): Promise<void> {
    await this.#open?.plane.logs.close()
    this.#open?.close()
    this.#open = undefined
  }

  async ask(route: string, who: string): Promise<Verdict> {
    const { inject, tokens, names } = (this.#open ??= openWorld())
    const [method = 'GET', pattern = ''] = route.split(' ')
    const path = pattern.replace(/:(\w+)/g, (_all, name: string) => names[name] ?? 'none')
    const token = tokens.get(who) ?? null
    const isPage = path.startsWith('/dashboard')
    const isGit = path.includes('.git/')
    const response = await inject({
      method: method as 'GET',
      url: path.endsWith('/info/refs') ? `${path}?service=git-upload-pack` : path,
      headers: {
        host: 'localhost',
        ...(token !== null && !isPage && { authorization: `Bearer ${token}` }),
        ...(token !== null && isPage && { cookie: `hokku-session-80=${token}` }),
        ...(isPage && method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(isGit &&
          method === 'POST' && {
            'content-type': `application/x-${path.split('/').at(-1)}-request`,
          }),
        ...(!isPage && !isGit && BODIES[route] && { 'content-type': 'application/json' }),
      },
      payload:
        isPage && method === 'POST'
          ? `form_token=${formToken(token ?? '')}`
          : (JSON.stringify(BODIES[route]) ?? ''),
    })
    const verdict = verdictOf(ROUTE_ACCESS[route], response)
    if (verdict === 'let in' && method === 'DELETE' && response.statusCode < 400) {
      await this.#close()
    }
    return verdict
  }
}

/** Where the app or add-on is named by the body. */
const BODIES: Readonly<Record<string, object>> = {
  'POST /actions/addons/resolve': { addon: 'shop-db', app: 'shop' },
  'POST /actions/addon-attachments/resolve': { addon_attachment: 'DATABASE', app: 'shop' },
  'POST /hokku/invitations': { email: 'new@example.com' },
  'POST /addon-attachments': { addon: 'shop-db', app: 'shop' },
}

type OpenWorld = TestApi & Readonly<{ tokens: ReadonlyMap<string, string>; names: Names }>
type Names = Readonly<Record<string, string>>

/** A resource of the app's that is not there shows that the app was reached. */
function verdictOf(access: Access | undefined, response: Response): Verdict {
  const { statusCode: status, headers, body } = response
  if (access === 'secret') return [401, 403, 404, 429].includes(status) ? 'not there' : 'let in'
  if (status === 303 && String(headers['location']).includes('sign-in?next=')) return 'sign in'
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  const isHidden = /Couldn(?:'|&#39;)t find that (?:app|add on|add on attachment)\./
  return status === 404 && isHidden.test(body) ? 'not there' : 'let in'
}

type Response = Readonly<{
  statusCode: number
  headers: Readonly<Record<string, unknown>>
  body: string
}>

function openWorld(): OpenWorld {
  const api = openTestApi(ROUTES, realRooms)
  const { store } = api
  const account = (name: string) => store.accounts.create(`${name.replace(' ', '-')}@example.com`)
  const owner = account('app owner')
  const app = store.apps.create('shop', owner.id)
  const tokens = new Map<string, string>([['wrong', 'HRKU-wrong']])
  for (const [who, permissions] of Object.entries(CALLERS)) {
    if (permissions === undefined) continue
    const isOwner = who === 'app owner' || who === 'installation owner'
    const one =
      who === 'app owner' ? owner : who === 'installation owner' ? api.owner : account(who)
    if (!isOwner && permissions.length > 0) store.collaborators.add(app.id, one.id, permissions)
    tokens.set(who, store.accounts.authorize(one.id, who).token)
  }
  const expiresAt = new Date(Date.now() - 1000).toISOString()
  tokens.set('expired', store.accounts.authorize(owner.id, 'old', { expiresAt }).token)
  for (const scope of SCOPES) {
    tokens.set(
      `app owner with ${scope}`,
      store.accounts.authorize(owner.id, scope, { scope: [scope] }).token,
    )
  }
  return {
    ...api,
    tokens,
    names: { app: 'shop', repository: 'shop.git', ...addAddon(store, app.id, owner.id) },
  }
}

/** Attached as DATABASE; on a server that no one can reach. */
function addAddon(store: Store, appId: string, accountId: string) {
  const addon = store.addons.create({
    appId,
    accountId,
    name: 'shop-db',
    service: 'heroku-postgresql',
    plan: 'mini',
    options: {},
    resource: {
      role: 'u',
      database: 'd',
      credentials: { default: { user: 'u', password: 'a password of some length' } },
    },
  })
  const attachment = store.attachments.create({
    appId,
    addonId: addon.id,
    name: 'DATABASE',
    namespace: null,
  })
  return { addon: 'shop-db', database: 'shop-db', attachment: attachment.id }
}

function realRooms(plane: Plane): Partial<Plane> {
  const {
    store,
    releases,
    config: { home },
  } = plane
  const databaseServer = createDatabaseServer({
    url: 'postgres://nobody@127.0.0.1:1/none',
    directory: home.postgres,
    tls: async () => ({ certFile: '', keyFile: '' }),
  })
  const addons = openAddons({
    store,
    home,
    databaseServer,
    createRelease: (request) => releases.create(request),
    providers: [postgresProvider(databaseServer)],
    searchPath: '',
    onBug: () => {},
  })
  return { addons, logs: openLogs({ home, store }) }
}
