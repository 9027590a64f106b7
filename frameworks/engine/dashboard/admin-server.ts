import { createHttpApp, type FastifyInstance } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import * as z from 'zod'
import { DEFAULT_CHANNEL } from '../events/event.ts'
import type { EventStore } from '../events/event-store.ts'
import { createAccessKey } from '../metadata/access-key.ts'
import type { App, MetadataStore } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'

const NewApp = z.object({
  id: z.int().min(0).default(0),
  name: z.string().min(1),
  description: z.string().optional(),
})

/** Upstream's experimental admin API. Failures of the caller answer 200 with `status: 0`, as there. */
export function createAdminServer(metadata: MetadataStore, events: EventStore): FastifyInstance {
  const app = createHttpApp({
    renderProblem: ({ message }) => ({ status: 0, message }),
    bodyBytesMax: BODY_BYTES_MAX,
  })
  app.get('/', async () => ({ status: 'alive' }))
  app.get('/cmd/app', async () => {
    const keys = await metadata.listAccessKeys()
    const apps = (await metadata.listApps()).map(({ id, name }) => ({
      id,
      name,
      keys: keys
        .filter(({ appId }) => appId === id)
        .map(({ key, appId, events: allowed }) => ({ key, appid: appId, events: allowed })),
    }))
    return { status: 1, message: 'Successful retrieved app list.', apps }
  })
  app.post('/cmd/app', (request) =>
    orMessage(async () => {
      const parsed = NewApp.safeParse(request.body)
      if (!parsed.success) throw problem('command_invalid', 'The app needs a name.')
      const key = createAccessKey()
      const { id, name, description } = parsed.data
      const made = await metadata.createApp({ id: id || undefined, name, description }, key)
      return { status: 1, message: 'App created successfully.', id: made.id, name, key }
    }),
  )
  app.delete<ByName>('/cmd/app/:name', (request) =>
    orMessage(async () => {
      const found = await requireApp(metadata, request.params.name)
      for (const channelId of await channelsOf(metadata, found)) {
        await events.clear({ appId: found.id, channelId })
      }
      await metadata.deleteApp(found.id)
      return { status: 1, message: 'App successfully deleted' }
    }),
  )
  app.delete<ByName>('/cmd/app/:name/data', (request) =>
    orMessage(async () => {
      const { id } = await requireApp(metadata, request.params.name)
      await events.clear({ appId: id, channelId: DEFAULT_CHANNEL })
      return {
        status: 1,
        message: `Removed Event Store for this app ID: ${id}Initialized Event Store for this app ID: ${id}.`,
      }
    }),
  )
  return app
}

type ByName = { Params: { name: string } }

const BODY_BYTES_MAX = 65_536

async function orMessage(work: () => Promise<object>): Promise<object> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem) return { status: 0, message: error.message }
    throw error
  }
}

async function requireApp(metadata: MetadataStore, name: string): Promise<App> {
  const app = await metadata.appNamed(name)
  if (app === undefined) throw problem('app_unknown', `App ${name} does not exist.`)
  return app
}

async function channelsOf(metadata: MetadataStore, app: App): Promise<number[]> {
  const channels = await metadata.listChannels(app.id)
  return [DEFAULT_CHANNEL, ...channels.map(({ id }) => id)]
}
