import { table } from '@hokku/kit/command-line'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { inParallel, machine, milliseconds, percentile, perSecond } from './machine.ts'

// node bench/engine/queries.ts: top 10 of 100,000 items over HTTP, and a reload under load.
const child = fork(join(import.meta.dirname, 'query-service.ts'))
const [port] = (await once(child, 'message')) as [number]
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
let failures = 0

const call = (path: string, text: string) =>
  new Promise<void>((resolve) => {
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path }, (response) => {
      response.resume()
      if (response.statusCode !== 200) failures += 1
      response.on('end', resolve)
    })
    sent.on('error', () => {
      failures += 1
      resolve()
    })
    sent.end(text)
  })
const query = (n: number) => call('/queries.json', JSON.stringify({ user: n % 1000, num: 10 }))

const rows = [['top 10 of 100,000 items', 'rate', 'p50', 'p99']]
await inParallel(500, 8, query)
for (const connections of [1, 32]) {
  const count = connections === 1 ? 1000 : 4000
  const { totalMs, each } = await inParallel(count, connections, query)
  rows.push([
    `${connections} connection${connections === 1 ? '' : 's'}`,
    `${perSecond(count, totalMs)}/s`,
    milliseconds(percentile(each, 0.5)),
    milliseconds(percentile(each, 0.99)),
  ])
}
failures = 0
await inParallel(3000, 32, (n) => (n % 1000 === 500 ? call('/reload', '') : query(n)))

console.log(`${machine()}; load generator on the same machine\n`)
console.log(table(rows))
console.log(`\n3 reloads under 32 connections: ${failures} failed queries of 2,997`)
agent.destroy()
child.kill()
