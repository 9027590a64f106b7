import { request } from 'node:http'
import { join } from 'node:path'
import { Problem } from '@hokku/kit/problem'
import { problem, type Home } from '../store/index.ts'
import { readToken } from './installation.ts'

/**
 * Asks the control plane on its own socket, so that it works without the router. It is of the same
 * version, so its answer is taken to have the shape that the caller names.
 *
 * @throws Problem `api_failed` when it does not answer, or not with 2xx
 */
export function askPlane<Answer = unknown>(
  home: Home,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: join(home.run, 'plane.sock'),
        method,
        path,
        headers: {
          authorization: `Bearer ${readToken(home)}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        timeout: ANSWER_MS_MAX,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve(JSON.parse(text === '' ? 'null' : text))
          else reject(refused(home, status, text))
        })
      },
    )
    call.on('timeout', () => call.destroy(failed(home, 'did not answer in time.')))
    call.on('error', (error) => {
      reject(error instanceof Problem ? error : failed(home, `does not answer: ${error.message}`))
    })
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** What the control plane says to its caller is for its caller; anything else is a failure. */
function refused(home: Home, status: number, text: string): Problem {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    if (status < 500 && typeof message === 'string') {
      const [first = '', ...hint] = message.split('\n')
      return problem('invalid_params', first, hint.length > 0 ? { hint: hint.join('\n') } : {})
    }
  } catch {
    // Not an answer of the API's.
  }
  return failed(home, `answered ${status}: ${text}`)
}

const failed = (home: Home, what: string): Problem =>
  problem('api_failed', `The control plane ${what}`, {
    hint: `See ${join(home.logs, 'control-plane.log')} for the reason.`,
  })

/** Stopping all dynos may take their 30 seconds of grace. */
const ANSWER_MS_MAX = 60_000
