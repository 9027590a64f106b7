import { randomUUID } from 'node:crypto'
import { syslogFrames } from './syslog-frames.ts'
import type { Transport } from './transport.ts'

/** Posts batches as Logplex does: `application/logplex-1`, octet-counted frames. */
export function httpsTransport(url: URL, token: string): Transport {
  const target = new URL(url)
  target.username = ''
  target.password = ''
  const headers = { ...credentialsOf(url), ...HEADERS, 'Logplex-Drain-Token': token }
  return {
    gatherMs: 250,
    send: async (records, signal) => {
      const response = await fetch(target, {
        method: 'POST',
        headers: {
          ...headers,
          'Logplex-Msg-Count': String(records.reduce((sum, { count }) => sum + count, 0)),
          'Logplex-Frame-Id': randomUUID(),
        },
        body: Buffer.concat(records.map((record) => syslogFrames(record, 'host'))),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`the receiver answered ${response.status}`)
    },
    close: () => {},
  }
}

const TIMEOUT_MS = 30_000
const HEADERS = { 'Content-Type': 'application/logplex-1', 'User-Agent': 'Logplex/v73' }

/** `fetch` takes no credentials in a URL. */
function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
