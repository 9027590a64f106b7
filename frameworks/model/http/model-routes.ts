import type { FastifyInstance, FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../problems.ts'
import { parseJson } from '../bundle/exact-json.ts'
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
  const { registry, store, config } = service
  const listed = () => {
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
  /** Changing what answers is nothing for strangers. */
  const owned =
    <Request extends FastifyRequest>(change: (request: Request) => Promise<object | void>) =>
    async (request: Request): Promise<object> => {
      requireOwner(request, config)
      const more = await change(request)
      registry.setRouting(await readRouting(store.database))
      return { ...listed(), ...more }
    }

  app.get('/models', listed)
  app.post(
    '/models',
    owned(async () => {
      const leftOut: string[] = []
      const { directory } = registry.all()[0]!
      const found = await loadOlder(directory, registry.all(), (text) => leftOut.push(text))
      const added = registry.add(found).map(({ version }) => version)
      return { added, left_out: leftOut }
    }),
  )
  app.post<OfVersion>(
    '/models/:version/activate',
    owned(async (request) => {
      const { version } = registry.find(request.params.version)
      await activateVersion(store.database, version, registry.active().version)
    }),
  )
  app.post(
    '/models/rollback',
    owned(async () => {
      const { previous } = registry.routing()
      if (previous === undefined) {
        throw problem('model_not_found', 'No version answered before this one.')
      }
      const { version } = registry.find(previous)
      await activateVersion(store.database, version, registry.active().version)
    }),
  )
  app.post<OfVersion>(
    '/models/:version/shadow',
    owned(async (request) => {
      const { version } = registry.find(request.params.version)
      if (await addShadow(store.database, version, SHADOWS_MAX)) return
      throw problem('request_invalid', `At most ${SHADOWS_MAX} versions are asked on the side.`)
    }),
  )
  app.delete<OfVersion>(
    '/models/:version/shadow',
    owned(async (request) => {
      const { version } = registry.find(request.params.version)
      await removeShadow(store.database, version)
    }),
  )
  app.post<OfVersion>(
    '/models/:version/canary',
    owned(async (request) => {
      const { version } = registry.find(request.params.version)
      const { share } = readBody(Canary, request.body)
      await setCanary(store.database, version, share)
    }),
  )
  app.delete<OfVersion>(
    '/models/:version/canary',
    owned(async (request) => {
      const { version } = registry.find(request.params.version)
      await removeCanary(store.database, version)
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
