import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type App, type SniEndpoint, type Store } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference, appShape } from './app-shape.ts'
import { bodyOf, takes } from './body.ts'
import { sendList } from './range.ts'
import { certificateFacts, parseServerCertificate } from './server-certificate.ts'

/** Chains of a few certificates and large RSA keys fit several times over. */
const PEM_LENGTH_MAX = 64 * 1024

const Pem = z.string().max(PEM_LENGTH_MAX)
const NewEndpoint = z.strictObject({
  certificate_chain: Pem,
  private_key: Pem,
  display_name: z.string().max(100).nullish(),
})

/** `/apps/{app}/sni-endpoints`: certificates that users bring (`heroku certs`). */
export const sniEndpointRoutes: Routes = (api, plane) => {
  const { store } = plane

  api.get('/apps/:app/sni-endpoints', (request, reply) => {
    const app = appOf(request, store)
    const endpoints = store.sniEndpoints.list(app.id)
    return sendList(
      request,
      reply,
      endpoints.map((endpoint) => shown(endpoint, app, store)),
    )
  })

  api.post('/apps/:app/sni-endpoints', takes(NewEndpoint), (request, reply) => {
    const app = appOf(request, store)
    const content = contentOf(bodyOf(request, NewEndpoint))
    const endpoint = store.transaction(() => {
      checkRoom(app, store)
      return store.sniEndpoints.create(app.id, content)
    })
    return reply.code(201).send(shown(endpoint, app, store))
  })

  api.get('/apps/:app/sni-endpoints/:endpoint', (request) => {
    const app = appOf(request, store)
    return shown(sniEndpointOf(app, keyOf(request.params), store), app, store)
  })

  api.patch('/apps/:app/sni-endpoints/:endpoint', takes(NewEndpoint), async (request) => {
    const app = appOf(request, store)
    const content = contentOf(bodyOf(request, NewEndpoint))
    const endpoint = store.transaction(() => {
      const old = sniEndpointOf(app, keyOf(request.params), store)
      const displayName = content.displayName ?? old.displayName
      return store.sniEndpoints.replace(old.id, { ...content, displayName })
    })
    await plane.route()
    return shown(endpoint, app, store)
  })

  api.delete('/apps/:app/sni-endpoints/:endpoint', async (request) => {
    const app = appOf(request, store)
    const endpoint = sniEndpointOf(app, keyOf(request.params), store)
    const before = shown(endpoint, app, store)
    store.sniEndpoints.remove(endpoint.id)
    await plane.route()
    return before
  })
  // Certificates of a public authority need its servers to reach this one; ours are always there.
  for (const method of ['POST', 'PATCH']) {
    api.route({
      method,
      url: '/apps/:app/acm',
      // Enabled or refreshed, the answer is the same.
      ...takes(z.unknown()),
      handler: (request) => refuseAcm(appOf(request, store)),
    })
  }
  api.delete('/apps/:app/acm', (request) => appShape(appOf(request, store), plane, request))
}

function refuseAcm(app: App): never {
  throw problem(
    'invalid_params',
    `There is no automatic certificate management here: the domains of ${app.name} have ` +
      `certificates of this platform's own authority.`,
    { hint: 'For one that every browser trusts: heroku certs:add CRT KEY' },
  )
}

/** As on Heroku's smaller plans; the router keeps a key for each. */
const ENDPOINTS_MAX = 100

function checkRoom(app: App, store: Store): void {
  if (store.sniEndpoints.list(app.id).length < ENDPOINTS_MAX) return
  throw problem('invalid_params', `${app.name} already has ${ENDPOINTS_MAX} certificates.`, {
    hint: 'Remove one with: heroku certs:remove',
  })
}

function contentOf(body: z.infer<typeof NewEndpoint>) {
  const parsed = parseServerCertificate(body.certificate_chain, body.private_key)
  if ('wrong' in parsed) throw problem('invalid_params', parsed.wrong)
  return { ...parsed, displayName: body.display_name ?? null }
}

const keyOf = (params: unknown): string => pathParam({ params }, 'endpoint')

/**
 * The app's certificate that is called so, by name or id.
 *
 * @throws Problem `not_found`
 */
export function sniEndpointOf(app: App, key: string, store: Store): SniEndpoint {
  const endpoint = store.sniEndpoints
    .list(app.id)
    .find(({ id, name }) => id === key || name === key)
  if (endpoint !== undefined) return endpoint
  throw problem('not_found', `Couldn't find that SNI endpoint.`, {
    details: { resource: 'sni_endpoint' },
  })
}

const shown = (endpoint: SniEndpoint, app: App, store: Store) => ({
  id: endpoint.id,
  app: appReference(app),
  name: endpoint.name,
  display_name: endpoint.displayName,
  certificate_chain: endpoint.certificateChain,
  ssl_cert: { id: endpoint.id, ...certificateFacts(endpoint.certificateChain) },
  domains: store.domains
    .list(app.id)
    .filter(({ sniEndpointId }) => sniEndpointId === endpoint.id)
    .map(({ id }) => id),
  created_at: endpoint.createdAt,
  updated_at: endpoint.updatedAt,
})
