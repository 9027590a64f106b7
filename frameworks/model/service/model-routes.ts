import type { FastifyInstance } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../problems.ts'
import { parseJson } from '../bundle/exact-json.ts'
import { reportOf } from '../bundle/report.ts'
import { activateVersion, readRouting, setCanary, setShadows } from '../store/routing.ts'
import { bodyOf } from './bodies.ts'
import type { Service } from './service.ts'

const Canary = z.object({
  version: z.string().nullable(),
  share: z.number().min(0).max(1).default(0.05),
})
const Shadows = z.object({ versions: z.array(z.string()).max(5) })

/** The versions at hand; which one answers can be changed without a restart. */
export function modelRoutes(app: FastifyInstance, service: Service): void {
  const { registry, store, config } = service
  const listed = () => ({
    active: registry.active().version,
    ...omitActive(registry.routing()),
    versions: registry.all().map((bundle) => reportOf(bundle, undefined)),
  })
  const changed = async (): Promise<object> => {
    registry.setRouting(await readRouting(store.database))
    return listed()
  }
  /** Changing what answers is nothing for strangers. */
  const requireOwner = (): void => {
    if (config.token !== undefined) return
    throw problem('token_unset', 'Versions can be changed only where MODEL_TOKEN is set.', {
      hint: 'heroku config:set MODEL_TOKEN=$(openssl rand -hex 16)',
    })
  }
  app.get('/models', () => listed())
  app.post<{ Params: { version: string } }>('/models/:version/activate', async (request) => {
    requireOwner()
    const { version } = registry.find(request.params.version)
    await activateVersion(store.database, version, registry.active().version)
    return changed()
  })
  app.post('/models/rollback', async () => {
    requireOwner()
    const { previous } = registry.routing()
    if (previous === undefined)
      throw problem('model_not_found', 'No version answered before this one.')
    await activateVersion(
      store.database,
      registry.find(previous).version,
      registry.active().version,
    )
    return changed()
  })
  app.post('/models/shadow', async (request) => {
    requireOwner()
    const { versions } = readBody(Shadows, bodyOf(request))
    await setShadows(
      store.database,
      versions.map((version) => registry.find(version).version),
    )
    return changed()
  })
  app.post('/models/canary', async (request) => {
    requireOwner()
    const { version, share } = readBody(Canary, bodyOf(request))
    await setCanary(
      store.database,
      version === null ? undefined : registry.find(version).version,
      share,
    )
    return changed()
  })
}

const omitActive = ({
  previous,
  shadows,
  canary,
  canaryShare,
}: ReturnType<Service['registry']['routing']>) => ({
  previous: previous ?? null,
  shadows,
  canary: canary ?? null,
  canary_share: canaryShare,
})

function readBody<Schema extends z.ZodType>(schema: Schema, body: string): z.infer<Schema> {
  const result = schema.safeParse(parseJson(body))
  if (result.success) return result.data
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw problem('request_invalid', `The body is not valid: ${wrong.join('; ')}.`)
}
