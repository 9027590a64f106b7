import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { parseDrainUrl } from '../logs/index.ts'
import { problem, type App, type LogDrain, type Store } from '../store/index.ts'
import { appOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { sendList } from './range.ts'

const NewDrain = z.strictObject({ url: z.string() })

/** `/apps/{app}/log-drains`. A drain is named by its URL, its id or its token. */
export const logDrainRoutes: Routes = (api, plane) => {
  const { store, logs } = plane

  api.get('/apps/:app/log-drains', (request, reply) => {
    const app = appOf(request, store)
    return sendList(request, reply, store.logDrains.list(app.id).map(shown))
  })

  api.post('/apps/:app/log-drains', takes(NewDrain), (request, reply) => {
    const app = appOf(request, store)
    const { url } = bodyOf(request, NewDrain)
    parseDrainUrl(url)
    const drain = store.transaction(() => {
      checkRoom(app, url, store)
      return store.logDrains.create(app.id, url)
    })
    logs.refreshDrains(app.id)
    return reply.code(201).send(shown(drain))
  })

  api.get('/apps/:app/log-drains/:drain', (request, reply) =>
    reply.send(shown(drainOf(appOf(request, store), request.params, store))),
  )

  api.delete('/apps/:app/log-drains/:drain', (request, reply) => {
    const app = appOf(request, store)
    const drain = drainOf(app, request.params, store)
    store.logDrains.remove(drain.id)
    logs.refreshDrains(app.id)
    return reply.send(shown(drain))
  })
}

/** Each drain is a queue and a connection. */
const DRAINS_MAX = 5

function checkRoom(app: App, url: string, store: Store): void {
  const drains = store.logDrains.list(app.id)
  if (drains.some((drain) => drain.url === url)) {
    throw problem('invalid_params', 'Url has already been taken.')
  }
  if (drains.length >= DRAINS_MAX) {
    throw problem('invalid_params', `${app.name} already has ${DRAINS_MAX} log drains.`, {
      hint: 'Remove one with: heroku drains:remove',
    })
  }
}

function drainOf(app: App, params: unknown, store: Store): LogDrain {
  const key = pathParam({ params }, 'drain')
  const drain = store.logDrains
    .list(app.id)
    .find(({ id, url, token }) => [id, url, token].includes(key))
  if (drain !== undefined) return drain
  throw problem('not_found', `Couldn't find that log drain.`, {
    details: { resource: 'log_drain' },
  })
}

const shown = (drain: LogDrain) => ({
  id: drain.id,
  url: drain.url,
  token: drain.token,
  addon: null,
  created_at: drain.createdAt,
  updated_at: drain.updatedAt,
})
