import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { problem, type App, type Domain } from '../store/index.ts'
import { accountOf, appOf, installationOwnerOf } from './access.ts'
import type { Routes } from './api.ts'
import { appReference } from './app-shape.ts'
import { bodyOf, takes } from './body.ts'
import { howToProve, isProved } from './domain-proof.ts'
import { parseHostname } from './hostname.ts'
import type { Plane } from './plane.ts'
import { sendList } from './range.ts'
import { sniEndpointOf } from './sni-endpoints.ts'
import { webUrl } from './urls.ts'

const NewDomain = z.strictObject({ hostname: z.string(), sni_endpoint: z.string().nullish() })
const DomainUpdate = z.strictObject({ sni_endpoint: z.string().nullable() })

/** `/apps/{app}/domains`: host names of an app. A domain is named by its host name or its id. */
export const domainRoutes: Routes = (api, plane) => {
  const { store } = plane

  api.get('/apps/:app/domains', (request, reply) => {
    const app = appOf(request, store)
    const custom = store.domains.list(app.id).map((domain) => shown(domain, app, plane))
    return sendList(request, reply, [ownDomain(app, plane), ...custom])
  })

  api.post('/apps/:app/domains', takes(NewDomain), async (request, reply) => {
    const app = appOf(request, store)
    const { hostname, sni_endpoint: endpoint } = bodyOf(request, NewDomain)
    const wanted = checkedHostname(hostname, plane)
    // The owner of the installation could waive it anyway.
    const mayServe = accountOf(request).role === 'owner' || (await isProvedBy(app, wanted, plane))
    const domain = store.transaction(() => add(app, wanted, { endpoint, mayServe }, plane))
    await plane.route()
    if (!mayServe) {
      const how = howToProve(domain.hostname, app, plane.config.domain)
      reply.header('warning-message', `${domain.hostname} is not served yet. ${how}`)
    }
    return reply.code(201).send(shown(domain, app, plane))
  })

  api.get('/apps/:app/domains/:domain', async (request) => {
    const app = appOf(request, store)
    const own = ownDomain(app, plane)
    const key = pathParam(request, 'domain')
    if (key === own.hostname || key === own.id) return own
    // `heroku domains:wait` asks here again and again.
    return shown(await proveNow(domainOf(app, request.params, plane), plane), app, plane)
  })

  api.patch('/apps/:app/domains/:domain', takes(DomainUpdate), async (request) => {
    const app = appOf(request, store)
    const { sni_endpoint: endpoint } = bodyOf(request, DomainUpdate)
    const domain = store.transaction(() => {
      const found = domainOf(app, request.params, plane)
      const id = endpoint === null ? null : sniEndpointOf(app, endpoint, store).id
      store.domains.associate(found.id, id)
      return found
    })
    await plane.route()
    return shown(store.domains.find(domain.id) ?? domain, app, plane)
  })

  api.post('/hokku/domains/:hostname/waive', async (request) => {
    installationOwnerOf(request)
    const hostname = pathParam(request, 'hostname')
    const domain = store.domains.find(checkedHostname(hostname, plane))
    if (domain === undefined) {
      throw problem('not_found', `No app has the domain ${hostname}.`, {
        hint: 'Add it first: heroku domains:add HOSTNAME --app APP',
      })
    }
    if (domain.provedAt === null) store.domains.prove(domain.id)
    await plane.route()
    return { hostname: domain.hostname, app: store.apps.get(domain.appId).name }
  })

  api.delete('/apps/:app/domains/:domain', async (request) => {
    const app = appOf(request, store)
    const domain = domainOf(app, request.params, plane)
    store.domains.remove(domain.id)
    await plane.route()
    return shown(domain, app, plane)
  })
}

/** Looks at DNS for a domain that waits for its proof, and serves it if that is there. */
export async function proveNow(domain: Domain, plane: Plane): Promise<Domain> {
  const { store } = plane
  if (domain.provedAt !== null) return domain
  const app = store.apps.get(domain.appId)
  if (!(await isProvedBy(app, domain.hostname, plane))) return domain
  store.domains.prove(domain.id)
  plane.logs.write(app.id, 'app', 'api', `${domain.hostname} is proved and served from now on`)
  await plane.route()
  return store.domains.find(domain.id) ?? domain
}

const isProvedBy = (app: App, hostname: string, { config, names }: Plane): Promise<boolean> =>
  isProved({ hostname }, app, config.domain, names)

function checkedHostname(text: string, { config }: Plane): string {
  const parsed = parseHostname(text, config.domain)
  if ('wrong' in parsed) throw problem('invalid_params', `${text} ${parsed.wrong}`)
  return parsed.hostname
}

type Claim = Readonly<{ endpoint: string | null | undefined; mayServe: boolean }>

function add(app: App, hostname: string, { endpoint, mayServe }: Claim, plane: Plane): Domain {
  const { store, config } = plane
  if (store.domains.list(app.id).length >= DOMAINS_MAX) {
    throw problem('invalid_params', `${app.name} has ${DOMAINS_MAX} domains already.`, {
      hint: 'Remove one with: heroku domains:remove, or add a wildcard such as *.example.com',
    })
  }
  const endpointId = endpoint == null ? null : sniEndpointOf(app, endpoint, store).id
  const present = store.domains.find(hostname)
  if (present?.appId === app.id) {
    throw problem('invalid_params', `Domain already added to this app: ${hostname}`)
  }
  // A claim without proof gives way to who has one.
  if (present?.provedAt === null && mayServe) store.domains.remove(present.id)
  const domain = store.domains.create(app.id, hostname, endpointId, mayServe)
  if (domain !== undefined) return domain
  throw problem('invalid_params', `${hostname} is currently in use by another app.`, {
    ...(present?.provedAt === null && {
      hint: `That app has not proved it. ${howToProve(hostname, app, config.domain)}`,
    }),
  })
}

/** As on Heroku. */
const DOMAINS_MAX = 1000

function domainOf(app: App, params: unknown, { store, config }: Plane): Domain {
  const key = pathParam({ params }, 'domain')
  const parsed = parseHostname(key, config.domain)
  const domain = store.domains.find('hostname' in parsed ? parsed.hostname : key)
  if (domain?.appId === app.id) return domain
  throw problem('not_found', `Couldn't find that domain name.`, {
    details: { resource: 'domain' },
  })
}

/** The name that every app has; with the port, so that it can be typed as it is shown. */
function ownDomain(app: App, { config }: Plane) {
  return {
    id: app.id,
    app: appReference(app),
    hostname: new URL(webUrl(app, config)).host,
    kind: 'heroku',
    cname: '',
    status: 'succeeded',
    acm_status: null,
    acm_status_reason: null,
    sni_endpoint: null,
    created_at: app.createdAt,
    updated_at: app.createdAt,
  }
}

function shown(domain: Domain, app: App, { store, config }: Plane) {
  const endpoint = store.sniEndpoints.list(app.id).find(({ id }) => id === domain.sniEndpointId)
  return {
    id: domain.id,
    app: appReference(app),
    hostname: domain.hostname,
    kind: 'custom',
    cname: `${app.name}.${config.domain}`,
    // The CLI waits for what is pending; `none` says that there is nothing to wait for.
    status: domain.provedAt === null ? 'pending' : 'none',
    acm_status: null,
    acm_status_reason: null,
    sni_endpoint: endpoint === undefined ? null : { id: endpoint.id, name: endpoint.name },
    created_at: domain.createdAt,
    updated_at: domain.updatedAt,
  }
}
