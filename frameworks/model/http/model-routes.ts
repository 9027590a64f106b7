import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../problems.ts'
import { parseJson } from '../frames/parse-json.ts'
import { reportOf } from '../bundle/report.ts'
import {
  activateVersion,
  addShadow,
  readRouting,
  removeCanary,
  removeShadow,
  setCanary,
} from '../store/routing.ts'
import { loadOlder } from '../service/registry.ts'
import { requireOwner } from './require-owner.ts'
import type { Service } from '../service/service.ts'

const Canary = z.object({ share: z.number().min(0).max(1).default(0.05) })

type OfVersion = { Params: { version: string } }

/** The versions at hand; which one answers can be changed without a restart. */
export function modelRoutes(app: FastifyInstance, service: Service): void {
  app.get('/models', () => listed(service))
  app.post(
    '/models',
    owned(service, () => readNewVersions(service)),
  )
  answeringRoutes(app, service)
  shadowRoutes(app, service)
  canaryRoutes(app, service)
}

function listed({ registry }: Service): object {
  const { previous, shadows, canary, canaryShare } = registry.routing()
  return {
    active: registry.active().version,
    previous: previous ?? null,
    shadows,
    canary: canary ?? null,
    canary_share: canaryShare,
    versions: registry.all().map((bundle) => reportOf(bundle)),
  }
}

/** A change that only the owner may make; answers with the list as it is afterward. */
const owned =
  <Request extends FastifyRequest>(
    service: Service,
    change: (request: Request) => Promise<object | void>,
  ) =>
  async (request: Request): Promise<object> => {
    requireOwner(request, service.config)
    const more = await change(request)
    service.registry.setRouting(await readRouting(service.store.database))
    return { ...listed(service), ...more }
  }

async function readNewVersions({ registry }: Service): Promise<object> {
  const leftOut: string[] = []
  const { directory } = registry.all()[0]!
  const found = await loadOlder(directory, registry.all(), (text) => leftOut.push(text))
  const added = registry.add(found).map(({ version }) => version)
  return { added, left_out: leftOut }
}

/** Which version answers. */
function answeringRoutes(app: FastifyInstance, service: Service): void {
  const { registry, store } = service
  const activate = async (wanted: string): Promise<void> => {
    const { version } = registry.find(wanted)
    await activateVersion(store.database, version, registry.active().version)
  }
  app.post<OfVersion>(
    '/models/:version/activate',
    owned(service, (request) => activate(request.params.version)),
  )
  app.post(
    '/models/rollback',
    owned(service, async () => {
      const { previous } = registry.routing()
      if (previous === undefined) {
        throw problem('model_not_found', 'No version answered before this one.')
      }
      await activate(previous)
    }),
  )
}

/** Versions that score beside the one that answers. */
function shadowRoutes(app: FastifyInstance, service: Service): void {
  const { registry, store } = service
  app.post<OfVersion>(
    '/models/:version/shadow',
    owned(service, async (request) => {
      const { version } = registry.find(request.params.version)
      if (await addShadow(store.database, version, SHADOWS_MAX)) return
      throw problem('request_invalid', `At most ${SHADOWS_MAX} versions can run as shadows.`)
    }),
  )
  app.delete<OfVersion>(
    '/models/:version/shadow',
    owned(service, async (request) => {
      await removeShadow(store.database, registry.find(request.params.version).version)
    }),
  )
}

/** The version that answers a share of the ids. */
function canaryRoutes(app: FastifyInstance, service: Service): void {
  const { registry, store } = service
  app.post<OfVersion>(
    '/models/:version/canary',
    owned(service, async (request) => {
      const { version } = registry.find(request.params.version)
      const { share } = readBody(Canary, request.body)
      await setCanary(store.database, version, share)
    }),
  )
  app.delete<OfVersion>(
    '/models/:version/canary',
    owned(service, async (request) => {
      await removeCanary(store.database, registry.find(request.params.version).version)
    }),
  )
}

/** Each of them scores every prediction too. */
const SHADOWS_MAX = 5

/** A body may be missing: everything has a default. */
function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const text = typeof body === 'string' && body.trim() !== '' ? body : '{}'
  const result = schema.safeParse(parseJson(text))
  if (result.success) return result.data
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw problem('request_invalid', `The body is not valid: ${wrong.join('; ')}.`)
}
