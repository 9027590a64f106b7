import * as z from 'zod'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { truth, wholeNumber } from './numeric.ts'
import { baseUrl } from './urls.ts'

/** As on Heroku; more is as many as there are. */
const LINES_MAX = 1500
const LINES_DEFAULT = 100

/** Other clients leave out what they do not care for. */
const LogSession = z.strictObject({
  lines: wholeNumber
    .nullish()
    .transform((lines) => Math.min(Math.max(lines ?? LINES_DEFAULT, 0), LINES_MAX)),
  tail: truth.nullish().transform((tail) => tail ?? false),
  dyno: z.string().max(64).nullish(),
  /** A process type; a name of a dyno says more. */
  type: z.string().max(64).nullish(),
  source: z.string().max(64).nullish(),
})

/** `POST /apps/{app}/log-sessions`: where the log can be read, see `log-streams.ts`. */
export const logSessionRoutes: Routes = (api, plane) => {
  api.post('/apps/:app/log-sessions', takes(LogSession), (request, reply) => {
    const app = appOf(request, plane.store)
    const { lines, tail, dyno, type, source } = bodyOf(request, LogSession)
    const { id, secret } = plane.logs.openSession({
      appId: app.id,
      lines,
      tail,
      dyno: dyno ?? type ?? undefined,
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
