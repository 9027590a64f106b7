import { databaseUrl } from '@hokku/postgres'
import type { FastifyInstance } from '@hokku/kit/http'
import { readConfig, type Config } from '../config.ts'
import { problem } from '../problems.ts'
import { createApp } from '../http/create-app.ts'
import { monitoringRoutes } from '../monitoring/routes.ts'
import { createMetrics } from '../service/metrics.ts'
import { createRegistry, loadVersions, type Registry } from '../service/registry.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { readRouting } from '../store/routing.ts'
import { parse, type Command, type Context } from './command.ts'

/** `model-server [serve] [DIR] [--port N] [--host NAME]`: runs until told to stop. */
export const serve: Command = async (args, context) => {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: { port: { type: 'string' }, host: { type: 'string' } },
  })
  if (positionals.length > 1)
    throw problem('usage_invalid', `What is ${positionals[1]}?`, { hint: 'model-server --help' })
  const config = readConfig(withOptions(context.env, values))
  const bundles = await loadVersions(positionals[0] ?? context.cwd, (text) =>
    context.writeError(`${text}\n`),
  )
  const store = await openStore(await databaseUrl(context.env), config.connectionsMax)
  const registry = createRegistry(bundles, await readRouting(store.database))
  const app = createApp({ config, store, registry, metrics: createMetrics() }, [monitoringRoutes])
  const address = await listen(app, config).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const { name, version, model } = registry.active()
  context.write(`${name} (${model.estimator.name}, version ${version}) is served at ${address}\n`)
  const watch = watchRouting(store, registry, context)
  await stopped(context.signal)
  clearInterval(watch)
  await app.close()
  await store.close()
  return 0
}

/** @throws Problem `address_unavailable` if the port is taken or is no port of this machine */
async function listen(app: FastifyInstance, { port, host }: Config): Promise<string> {
  try {
    return await app.listen({ port, host })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    const what = code === 'EADDRINUSE' ? 'another program listens there' : code
    throw problem('address_unavailable', `Cannot listen on ${host} port ${port}: ${what}.`, {
      cause: error,
      hint: 'Choose another with --port and --host.',
    })
  }
}

function withOptions(
  env: NodeJS.ProcessEnv,
  { port, host }: { port?: string | undefined; host?: string | undefined },
): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(port === undefined ? {} : { PORT: port }),
    ...(host === undefined ? {} : { HOST: host }),
  }
}

/** Other processes of the app may have switched versions; seconds later all agree. */
function watchRouting(store: Store, registry: Registry, { writeError }: Context): NodeJS.Timeout {
  const read = async (): Promise<void> => {
    try {
      registry.setRouting(await readRouting(store.database))
    } catch (error) {
      writeError(
        `The routing could not be read: ${error instanceof Error ? error.message : String(error)}\n`,
      )
    }
  }
  return setInterval(() => void read(), ROUTING_INTERVAL_MS)
}

const ROUTING_INTERVAL_MS = 5000

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
