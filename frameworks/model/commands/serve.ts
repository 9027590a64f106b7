import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { defineCommand } from '@hokku/kit/command-line'
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
import { type Context, FOLDER } from './command.ts'

export const command = defineCommand({
  summary: 'Serves a model over HTTP and remembers its predictions.',
  details:
    'The word serve may be left out. Predictions are stored in the database of DATABASE_URL; without it, in a PostgreSQL on this machine that starts when it is needed.',
  examples: ['model-server ./titanic --port 8000'],
  arguments: { folder: FOLDER },
  options: {
    port: {
      type: 'integer',
      min: 0,
      max: 65_535,
      description: 'Port to listen on; 0 is any free port.',
      defaultText: 'PORT of the environment, or 5000',
    },
    host: {
      type: 'string',
      placeholder: 'address',
      description: 'Address to listen on.',
      defaultText: 'HOST of the environment; 0.0.0.0 in a dyno, 127.0.0.1 elsewhere',
    },
  },
  run: ({ arguments: { folder }, options }, context: Context) =>
    serve(folder ?? context.cwd, readConfig(withOptions(context.env, options)), context),
})

/** Serves until the context's signal is aborted. */
async function serve(folder: string, config: Config, context: Context): Promise<number> {
  const bundles = await loadVersions(folder, (text) => context.writeError(`${text}\n`))
  const url = await databaseUrl(context.env, { localName: databaseOf(folder) })
  const store = await openStore(url, config.connectionsMax)
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

/** Each folder has its own log, as the original keeps its `predictions.db` there. */
function databaseOf(folder: string): string {
  const path = realpathSync(folder)
  const name = basename(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, NAME_LENGTH_MAX)
  return `model_${name}_${createHash('sha256').update(path).digest('hex').slice(0, 8)}`
}

/** PostgreSQL cuts names at 63 bytes. */
const NAME_LENGTH_MAX = 40

/** @throws Problem `address_unavailable` if the port is taken or is not a port of this machine */
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
  { port, host }: { port: number | undefined; host: string | undefined },
): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(port === undefined ? {} : { PORT: String(port) }),
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
        `The route table could not be read: ${error instanceof Error ? error.message : String(error)}\n`,
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
