import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem, type Home } from '../../store/index.ts'
import { findInstallation, type Address } from '../installation.ts'

/**
 * Waits until the platform of a home answers through its router and everything runs that should.
 *
 * @param hasEnded says that there is nothing left to wait for
 * @throws Problem `not_running`
 */
export async function waitUntilUp(home: Home, hasEnded: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX && !hasEnded(); waitedMs += POLL_MS) {
    const installation = findInstallation(home)
    if (installation !== undefined && (await isReady(installation.address))) return
    await sleep(POLL_MS)
  }
  throw problem('not_running', 'hokku did not start.', {
    hint: `See supervisor.log, control-plane.log and router.log in ${home.logs} for the reason.`,
  })
}

/** The first start makes a database cluster and a certificate authority, on a slow disk too. */
const START_MS_MAX = 120_000
const POLL_MS = 50

/** By `node:http`: `fetch` would bring a second HTTP client into the supervisor's memory. */
function isReady({ port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(
      { host: '127.0.0.1', port, path: '/hokku/health', agent: false },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (body += chunk))
        response.on('end', () => resolve(/"isReady":true/.test(body)))
        response.on('error', () => resolve(false))
      },
    )
    call.setTimeout(ANSWER_MS_MAX, () => call.destroy())
    call.on('error', () => resolve(false))
  })
}

const ANSWER_MS_MAX = 5000
