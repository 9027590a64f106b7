import { request } from 'node:http'
import { join } from 'node:path'
import type { Home } from '../store/index.ts'
import { readToken } from './installation.ts'

/**
 * Asks the control plane on its own socket, so that it works whatever becomes of the router.
 *
 * @throws Error when it does not answer, or not with 2xx
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
          else reject(new Error(`${method} ${path} answered ${status}: ${text}`))
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error(`${method} ${path} did not answer`)))
    call.on('error', reject)
    call.end()
  })
}

/** Stopping all dynos may take their 30 seconds of grace. */
const ANSWER_MS_MAX = 60_000
