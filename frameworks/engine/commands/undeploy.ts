import { setTimeout as sleep } from 'node:timers/promises'
import { pioCommand } from './command.ts'
import { OPTIONS } from './options.ts'

export const command = pioCommand({
  summary: 'Stops a deployed engine.',
  options: {
    ip: { ...OPTIONS.ip, default: '0.0.0.0', description: 'Address of the engine.' },
    port: { ...OPTIONS.port, min: 1, default: 8000, description: 'Port of the engine.' },
  },
  run: async (call, { log, env }) => {
    const { ip: host, port } = call.options
    const url = `http://${host}:${port}`
    const outcome = await stopServer(host, port, env)
    if (outcome === 'stopped') {
      log.info('Undeploy$', `Undeployed ${url}`)
      return 0
    }
    const text =
      outcome === 'nothing'
        ? `Nothing at ${url}`
        : `Another process is using ${url}. Unable to undeploy.`
    log.error('Undeploy$', text)
    return 1
  },
})

/**
 * Asks the engine server at an address to stop, and waits until it has.
 *
 * @returns `foreign` if something else answers there, or the server key is another
 */
export async function stopServer(
  host: string,
  port: number,
  env: NodeJS.ProcessEnv,
): Promise<'stopped' | 'nothing' | 'foreign'> {
  // 0.0.0.0 is an address to listen at, not one to call.
  const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = new URL(`http://${target}:${port}/stop`)
  const key = env['PIO_SERVER_ACCESS_KEY']
  if (key) url.searchParams.set('accessKey', key)
  try {
    const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(CALL_MS) })
    if (!response.ok || !(await response.text()).startsWith('Shutting down')) return 'foreign'
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException }
    return cause?.code === 'ECONNREFUSED' ? 'nothing' : 'foreign'
  }
  const deadlineMs = performance.now() + STOP_MS
  while (performance.now() < deadlineMs) {
    await sleep(POLL_MS)
    const isGone = await fetch(new URL('/', url), { signal: AbortSignal.timeout(CALL_MS) }).then(
      () => false,
      () => true,
    )
    if (isGone) return 'stopped'
  }
  return 'foreign'
}

const CALL_MS = 5000
const STOP_MS = 15_000
const POLL_MS = 200
