import { request } from 'node:http'
import { join } from 'node:path'
import { Problem } from '@hokku/kit/problem'
import { problem, type Home } from '../store/index.ts'
import { readToken } from './installation.ts'

/**
 * Asks the control plane on its own socket, so that it works without the router.
 *
 * @throws Problem `api_failed` when it does not answer, or not with 2xx
 */
export function askPlane(home: Home, method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: join(home.run, 'plane.sock'),
        method,
        path,
        headers: { authorization: `Bearer ${readToken(home)}` },
        timeout: ANSWER_MS_MAX,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve(text === '' ? undefined : JSON.parse(text))
          else reject(failed(home, `answered ${status}: ${text}`))
        })
      },
    )
    call.on('timeout', () => call.destroy(failed(home, 'did not answer in time.')))
    call.on('error', (error) => {
      reject(error instanceof Problem ? error : failed(home, `does not answer: ${error.message}`))
    })
    call.end()
  })
}

const failed = (home: Home, what: string): Problem =>
  problem('api_failed', `The control plane ${what}`, {
    hint: `See ${join(home.logs, 'control-plane.log')} for the reason.`,
  })

/** Stopping all dynos may take their 30 seconds of grace. */
const ANSWER_MS_MAX = 60_000
