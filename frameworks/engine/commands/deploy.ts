import type { EngineInstance } from '../metadata/metadata-store.ts'
import type { EnabledPlugin, FeedbackOptions } from '../query-server/server.ts'
import { createQueryServer } from '../query-server/server.ts'
import { EventPoster } from '../query-server/effects/event-poster.ts'
import { eventServerAddress } from '../query-server/feedback.ts'
import { type Context, type PioCall, pioCommand } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { loadDeployment } from './load-deployment.ts'
import { addressOptions, OPTIONS, optionsOf } from './options.ts'
import { checkTemplate, type Project, readProject } from './project.ts'
import { serve } from './serve.ts'
import { restartWithin } from './restart-within.ts'
import { readSparkOptions } from './spark-options.ts'
import { stopServer } from './undeploy.ts'

const DEPLOY_OPTIONS = {
  ...addressOptions('0.0.0.0', 8000),
  ...optionsOf('engine-instance-id', 'feedback', 'accesskey'),
  'event-server-ip': { ...OPTIONS['event-server-ip'], default: '0.0.0.0' },
  'event-server-port': { ...OPTIONS['event-server-port'], min: 1, default: 7070 },
  ...optionsOf('log-url', 'log-prefix', 'batch'),
  ...optionsOf('admin-server-ip', 'admin-server-port', 'uber-jar', 'json-extractor'),
} as const

type DeployCall = PioCall<typeof DEPLOY_OPTIONS>

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Serves the newest model of the engine of this folder over HTTP.',
  details: 'Takes the place of an engine that is already deployed at the same address.',
  examples: ['pio deploy --port 8000', 'pio deploy --feedback --accesskey <key>'],
  options: DEPLOY_OPTIONS,
  afterDashes: 'Options for Spark. --driver-memory <size> limits the memory, e.g. to 4g.',
  run: async (call, context) => {
    const spark = readSparkOptions(call.afterDashes, 'serving')
    if (spark.memoryMb !== undefined) restartWithin(spark.memoryMb)
    noticeIgnored(call, context)
    spark.notices.forEach((notice) => context.log.warn('Runner$', notice))
    const { ip: host, port } = call.options
    const project = await readProject(call, context)
    await checkTemplate(project.directory, context)
    const instanceId = call.options['engine-instance-id']
    const deployment = await loadDeployment(project, instanceId, context)
    const stop = new AbortController()
    const app = createQueryServer({
      deployment,
      reload: () => loadDeployment(project, undefined, context),
      stop: () => stop.abort(),
      serverKey: context.env['PIO_SERVER_ACCESS_KEY'] || undefined,
      plugins: enabledPlugins(project),
      feedback: feedbackOf(call, context),
      address: `${host}:${port}`,
      notice: project.notice,
      onError: (failed, message) => reportError(failed.instance, message, call, context),
    })
    if (port !== 0) await replaceRunning(host, port, context)
    const signal = AbortSignal.any([context.signal, stop.signal])
    await serve(app, { host, port }, { signal }, (address) => {
      const live = `http://${host}:${new URL(address).port}`
      const text = `Engine is deployed and running. Engine API is live at ${live}.`
      context.log.info('MasterActor', text)
    })
    return 0
  },
})

/** Upstream's courtesy: a deployment takes the place of the one before, at the same address. */
async function replaceRunning(host: string, port: number, context: Context): Promise<void> {
  const url = `http://${host}:${port}`
  context.log.info('CreateServer$', `Undeploying any existing engine instance at ${url}`)
  const outcome = await stopServer(host, port, context.env)
  if (outcome === 'nothing') context.log.info('CreateServer$', `Nothing at ${url}`)
  if (outcome === 'foreign') {
    context.log.error('CreateServer$', `Another process is using ${url}. Unable to undeploy.`)
  }
}

function enabledPlugins({ module, variant }: Project): EnabledPlugin[] {
  return module.plugins
    .map((plugin) => ({ plugin, params: variant.plugins[plugin.name] ?? {} }))
    .filter(({ params }) => params['enabled'] === true)
}

function feedbackOf({ options }: DeployCall, { env, log }: Context): FeedbackOptions | undefined {
  if (!options.feedback) return undefined
  const accessKey = options.accesskey
  if (!accessKey) {
    log.error('CreateServer$', 'Feedback loop cannot be enabled because accessKey is empty.')
    return undefined
  }
  const { 'event-server-ip': host, 'event-server-port': port } = options
  const { url, notice } = eventServerAddress(host, port, accessKey, env)
  if (notice !== undefined) log.info('CreateServer$', notice)
  const poster = new EventPoster(url, (message) => log.error('ServerActor', message))
  return { post: (event) => poster.post(event), server: url }
}

/** Logs a failed query, and posts it to `--log-url` with all that is known of the training. */
function reportError(
  { details, ...instance }: EngineInstance,
  message: string,
  { options }: DeployCall,
  { log }: Context,
): void {
  log.error('ServerActor', message)
  const url = options['log-url']
  if (url === undefined) return
  const engineInstance = { ...instance, ...details }
  const body = `${options['log-prefix'] ?? ''}${JSON.stringify({ engineInstance, message })}`
  fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(LOG_TIMEOUT_MS) }).catch(
    (error: unknown) => log.error('ServerActor', `The error could not be posted: ${String(error)}`),
  )
}

const LOG_TIMEOUT_MS = 5000
