import { table } from '@hokku/kit/command-line'
import { openPool } from '@hokku/kit/postgres'
import { createTestDatabase } from '@hokku/kit/postgres/testing'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { readEvent } from '../../frameworks/engine/events/event-reader.ts'
import { parseLenientJson } from '../../frameworks/engine/events/lenient-json.ts'
import { createEventId } from '../../frameworks/engine/events/event-id.ts'
import { valuesOf, WRITTEN_COLUMNS } from '../../frameworks/engine/events/effects/columns.ts'
import { encodeRow } from '../../frameworks/engine/events/effects/copy-rows.ts'
import { createEventServer } from '../../frameworks/engine/event-server/server.ts'
import { openStorage } from '../../frameworks/engine/storage/storage.ts'
import { inParallel, machine, milliseconds, percentile, perSecond } from './machine.ts'

// node bench/engine/events.ts: POST against one INSERT per event, import against a bare COPY.
const POSTS = 20_000
const CONNECTIONS = 64
const IMPORTED = 200_000

await using database = await createTestDatabase({ durable: true })
const storage = openStorage({ DATABASE_URL: database.url })
const metadata = await storage.metadata()
const events = await storage.events()
await metadata.createApp({ id: 1, name: 'bench', description: undefined }, 'key')
const pool = openPool(database.url, { max: 10 })

const body = (n: number): string =>
  JSON.stringify({
    event: 'rate',
    entityType: 'user',
    entityId: `u${n % 1000}`,
    targetEntityType: 'item',
    targetEntityId: `i${n % 777}`,
    properties: { rating: n % 5 },
    eventTime: '2014-11-02T09:39:45.618-08:00',
  })

const ours = await createEventServer({ metadata, events })
await ours.listen({ host: '127.0.0.1', port: 0 })

/** The peer: the same work per event, each INSERT a statement of its own, on a bare HTTP server. */
const INSERT = `insert into pio_events (${WRITTEN_COLUMNS.join(', ')})
  values (${WRITTEN_COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})`
const peer = createServer((incoming, response) => {
  let text = ''
  incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
  incoming.on('end', () => {
    const event = readEvent(parseLenientJson(text), Date.now())
    const id = createEventId(Date.now())
    const values = valuesOf({ appId: 1, channelId: 0 }, event, id, new Date().toISOString())
    void pool.query({ name: 'insert', text: INSERT, values }).then(() => {
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ eventId: id }))
    })
  })
})
await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', () => resolve()))

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
const poster = (port: number) => (n: number) =>
  new Promise<void>((resolve, reject) => {
    const text = body(n)
    const sent = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/events.json?accessKey=key',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
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

const oursPort = (ours.server.address() as AddressInfo).port
const peerPort = (peer.address() as AddressInfo).port
await inParallel(1000, CONNECTIONS, poster(oursPort))
await inParallel(1000, CONNECTIONS, poster(peerPort))
const single = await inParallel(POSTS / 4, CONNECTIONS, poster(peerPort))
const batched = await inParallel(POSTS, CONNECTIONS, poster(oursPort))
const ratio = POSTS / batched.totalMs / (POSTS / 4 / single.totalMs)

console.log(`${machine()}; load generator and PostgreSQL on the same machine, commits durable\n`)
const row = (name: string, run: typeof single, count: number): string[] => [
  name,
  `${perSecond(count, run.totalMs)}/s`,
  milliseconds(percentile(run.each, 0.5)),
  milliseconds(percentile(run.each, 0.99)),
]
console.log(
  table([
    [`POST events, ${CONNECTIONS} connections`, 'rate', 'p50', 'p99'],
    row('one INSERT per event', single, POSTS / 4),
    row('ours', batched, POSTS),
    ['ratio', ratio.toFixed(2)],
  ]),
)

const lines = Array.from({ length: IMPORTED }, (_, n) => body(n))
const feed = { appId: 2, channelId: 0 }
const rows = lines.map((line, n) =>
  encodeRow(
    valuesOf(
      { appId: 3, channelId: 0 },
      readEvent(parseLenientJson(line), 0),
      createEventId(Date.now() + n / 1000),
      new Date().toISOString(),
    ),
  ),
)
const chunks = Array.from({ length: Math.ceil(rows.length / 400) }, (_, at) =>
  rows.slice(at * 400, (at + 1) * 400).join(''),
)

async function bareCopy(): Promise<number> {
  const client = await pool.connect()
  const startedMs = performance.now()
  await pipeline(
    Readable.from(chunks),
    client.query(copyFrom(`copy pio_events (${WRITTEN_COLUMNS.join(', ')}) from stdin`)),
  )
  const tookMs = performance.now() - startedMs
  client.release()
  await pool.query('delete from pio_events where app_id = 3')
  await pool.query('vacuum pio_events')
  return tookMs
}

async function ourImport(): Promise<number> {
  const startedMs = performance.now()
  await events.importLines(
    feed,
    (async function* () {
      // As a file is read: some hundred lines at a time.
      for (let at = 0; at < lines.length; at += 1000) yield lines.slice(at, at + 1000)
    })(),
    { nowMs: Date.now(), errorsMax: 0 },
  )
  const tookMs = performance.now() - startedMs
  await events.clear(feed)
  await pool.query('vacuum pio_events')
  return tookMs
}

// Each twice, in turn; the better of two, since others share the disk.
const copies = [await bareCopy()]
const imports = [await ourImport()]
copies.push(await bareCopy())
imports.push(await ourImport())
const [copyMs, importMs] = [Math.min(...copies), Math.min(...imports)]
console.log(
  `\n${table([
    [`import, ${IMPORTED.toLocaleString('en')} events`, 'rate'],
    ['bare COPY of ready rows', `${perSecond(IMPORTED, copyMs)}/s`],
    ['pio import (parse, check, COPY)', `${perSecond(IMPORTED, importMs)}/s`],
    ['share', `${((copyMs / importMs) * 100).toFixed(0)} %`],
  ])}`,
)

agent.destroy()
peer.close()
await ours.close()
await pool.end()
await storage.close()
