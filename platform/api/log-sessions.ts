import * as z from 'zod'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf } from './body.ts'
import { truth } from './numeric.ts'
import { baseUrl } from './urls.ts'

/** Other clients leave out what they do not care for. */
const LogSession = z.object({
  lines: z.coerce.number().int().min(0).max(1500).catch(100).default(100),
  tail: truth.default(false),
  dyno: z.string().max(64).nullish(),
  source: z.string().max(64).nullish(),
})

/** `POST /apps/{app}/log-sessions`: where the log can be read, see `log-streams.ts`. */
export const logSessionRoutes: Routes = (api, plane) => {
  api.post('/apps/:app/log-sessions', (request, reply) => {
    const app = appOf(request, plane.store)
    const { lines, tail, dyno, source } = bodyOf(request, LogSession)
    const { id, secret } = plane.logs.openSession({
      appId: app.id,
      lines,
      tail,
      dyno: dyno ?? undefined,
      source: source ?? undefined,
    })
    const at = new Date().toISOString()
    return reply.code(201).send({
      id,
      logplex_url: `${baseUrl(request)}/log-streams/${secret}`,
      created_at: at,
      updated_at: at,
    })
  })
}
