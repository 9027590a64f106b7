import { openPool } from '@hokku/postgres'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEventId } from '../../frameworks/engine/events/event-id.ts'
import { readEvent } from '../../frameworks/engine/events/event-reader.ts'
import { parseLenientJson } from '../../frameworks/engine/events/lenient-json.ts'
import { valuesOf, WRITTEN_COLUMNS } from '../../frameworks/engine/events/effects/columns.ts'
import { createEventServer } from '../../frameworks/engine/event-server/server.ts'
import { openStorage } from '../../frameworks/engine/storage/storage.ts'

// event-services.ts DATABASE_URL: both rivals, in their own process; prints their ports.
const [databaseUrl = ''] = process.argv.slice(2)
const storage = openStorage({ DATABASE_URL: databaseUrl })
const metadata = await storage.metadata()
await metadata.createApp({ id: 1, name: 'bench', description: undefined }, 'key')
const ours = await createEventServer({ metadata, events: await storage.events() })
await ours.listen({ host: '127.0.0.1', port: 0 })

/** The peer: the same work per event, each INSERT its own statement, on a bare HTTP server. */
const INSERT = `insert into pio_events (${WRITTEN_COLUMNS.join(', ')})
  values (${WRITTEN_COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})`
const pool = openPool(databaseUrl, { max: 10 })
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

async function stop(): Promise<void> {
  peer.close()
  await ours.close()
  await pool.end()
  await storage.close()
  process.disconnect()
}
process.once('message', () => void stop())
const portOf = (address: AddressInfo | string | null): number => (address as AddressInfo).port
process.send?.({ ours: portOf(ours.server.address()), peer: portOf(peer.address()) })
