import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createEventServer } from '../event-server/server.ts'
import type { EventServerPlugin } from '../event-server/plugins.ts'
import { type Context, pioCommand } from './command.ts'
import { addressOptions, optionsOf } from './options.ts'
import { serve } from './serve.ts'

export const command = pioCommand({
  summary: 'Runs the event server: the HTTP API that collects events.',
  options: { ...addressOptions('0.0.0.0', 7070), ...optionsOf('stats') },
  run: async (call, context) => {
    const { ip: host, port } = call.options
    const storage = context.storage()
    const app = await createEventServer({
      metadata: await storage.metadata(),
      events: await storage.events(),
      hasStats: call.options.stats,
      plugins: await loadPlugins(context),
      log: (message) => context.log.error('EventServer$', message),
      ...corsOf(context.env),
    })
    context.log.info('Management$', `Creating Event Server at ${host}:${port}`)
    await serve(app, { host, port }, context, (address) =>
      context.log.info('EventServer$', `Event server is listening at ${address}`),
    )
    return 0
  },
})

/** `PIO_EVENTSERVER_CORS_ORIGINS`: origins with commas between, or `*`. */
function corsOf(env: NodeJS.ProcessEnv): { corsOrigins?: string[] } {
  const origins = env['PIO_EVENTSERVER_CORS_ORIGINS']
  if (!origins) return {}
  return { corsOrigins: origins.split(',').map((origin) => origin.trim()) }
}

/** `PIO_EVENTSERVER_PLUGINS`: a module whose default export is a list of plugins. */
async function loadPlugins({ env, cwd }: Context): Promise<readonly EventServerPlugin[]> {
  const path = env['PIO_EVENTSERVER_PLUGINS']
  if (!path) return []
  const loaded = (await import(pathToFileURL(resolve(cwd, path)).href)) as {
    default: readonly EventServerPlugin[]
  }
  return loaded.default
}
