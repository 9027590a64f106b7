import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export type LoadReport = Readonly<{
  requests: number
  failed: number
  /** First few failures, as a person would describe them. */
  reasons: Record<string, number>
  /** Longest time without a good answer, in milliseconds. */
  gapMs: number
  /** Bodies seen, by how often. */
  bodies: Record<string, number>
}>

/** Requests to one app, `connections` at a time over keep-alive, until `stop` is called. */
export function startLoad(port: number, host: string, connections = 4) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const reasons: Record<string, number> = {}
  const bodies: Record<string, number> = {}
  let requests = 0
  let failed = 0
  let lastGoodAt = performance.now()
  let gapMs = 0
  let stopped = false

  const ask = async (): Promise<void> => {
    requests++
    try {
      const body = await get(agent, port, host)
      bodies[body] = (bodies[body] ?? 0) + 1
      gapMs = Math.max(gapMs, performance.now() - lastGoodAt)
      lastGoodAt = performance.now()
    } catch (error) {
      failed++
      const reason = error instanceof Error ? error.message : String(error)
      reasons[reason] = (reasons[reason] ?? 0) + 1
      // A client that is refused tries again in a moment, as people do.
      await sleep(RETRY_MS)
    }
  }
  const workers = Array.from({ length: connections }, async () => {
    while (!stopped) await ask()
  })
  return {
    stop: async (): Promise<LoadReport> => {
      stopped = true
      await Promise.all(workers)
      agent.destroy()
      return { requests, failed, reasons, gapMs: Math.round(gapMs), bodies }
    },
  }
}

const RETRY_MS = 20

function get(agent: Agent, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      { agent, port, host: '127.0.0.1', headers: { host }, timeout: 30_000 },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (body += chunk))
        response.on('end', () => {
          if (response.statusCode === 200) resolve(body.trim())
          else reject(new Error(`status ${response.statusCode}`))
        })
        response.on('error', reject)
      },
    )
    call.on('timeout', () => call.destroy(new Error('no answer in 30 s')))
    call.on('error', reject)
    call.end()
  })
}
