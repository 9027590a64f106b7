import { table } from '@hokku/kit/command-line'
import { createTestDatabase } from '@hokku/postgres/testing'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { eventJson } from './event-lines.ts'
import {
  inParallel,
  machine,
  median,
  milliseconds,
  percentile,
  perSecond,
  ROUNDS,
} from './machine.ts'

// node bench/engine/events.ts: POST of single events against one INSERT for each.
const POSTS = 16_000
const CONNECTIONS = 64

await using database = await createTestDatabase({ durable: true })
const child = fork(join(import.meta.dirname, 'event-services.ts'), [database.url])
const [ports] = (await once(child, 'message')) as [{ ours: number; peer: number }]
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

const poster = (port: number) => (n: number) =>
  new Promise<void>((resolve, reject) => {
    const text = eventJson(n)
    const headers = { 'content-type': 'application/json', 'content-length': text.length }
    const path = '/events.json?accessKey=key'
    const sent = request(
      { agent, port, host: '127.0.0.1', method: 'POST', path, headers },
      (response) => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 201
            ? resolve()
            : reject(new Error(`status ${response.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })

type Round = Readonly<{ rate: number; p50: number; p99: number }>

async function post(port: number, count: number): Promise<Round> {
  const { totalMs, each } = await inParallel(count, CONNECTIONS, poster(port))
  return { rate: count / totalMs, p50: percentile(each, 0.5), p99: percentile(each, 0.99) }
}

const rivals: { single: Round[]; ours: Round[] } = { single: [], ours: [] }
await post(ports.ours, 2000)
await post(ports.peer, 2000)
for (let round = 0; round < ROUNDS; round++) {
  rivals.single.push(await post(ports.peer, POSTS / 2))
  rivals.ours.push(await post(ports.ours, POSTS))
}
agent.destroy()
child.send('stop')
await once(child, 'exit')

const row = (name: string, rounds: readonly Round[]): string[] => [
  name,
  `${perSecond(median(rounds.map(({ rate }) => rate)), 1)}/s`,
  milliseconds(median(rounds.map(({ p50 }) => p50))),
  milliseconds(median(rounds.map(({ p99 }) => p99))),
]
const ratios = rivals.ours.map(({ rate }, at) => rate / (rivals.single[at]?.rate ?? NaN))
console.log(
  `${machine()}; load generator and PostgreSQL on the same machine, commits durable, medians of ${ROUNDS} rounds in turn\n`,
)
console.log(
  table([
    [`POST events, ${CONNECTIONS} connections`, 'rate', 'p50', 'p99'],
    row('one INSERT per event', rivals.single),
    row('ours', rivals.ours),
  ]),
)
console.log(
  `\nours / one INSERT each: ${median(ratios).toFixed(2)} (${ratios.map((one) => one.toFixed(2)).join(', ')}); goal 1.5`,
)
