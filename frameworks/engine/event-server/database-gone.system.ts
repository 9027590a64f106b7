import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { portOf } from '@hokku/kit/port-of'
import { openStorage } from '../storage/storage.ts'
import { createEventServer } from './server.ts'

/** A database behind our own door, which can be shut. */
const sockets = new Set<Socket>()
let isShut = false
let target: { host: string; port: number }
const door = createServer((client) => {
  if (isShut) return client.destroy()
  const server = connect(target)
  for (const socket of [client, server]) {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  client.pipe(server).pipe(client)
  return undefined
})
const shut = (): void => {
  isShut = true
  for (const socket of sockets) socket.destroy()
}

let database: Awaited<ReturnType<typeof createTestDatabase>>
let storage: ReturnType<typeof openStorage>
let server: Awaited<ReturnType<typeof createEventServer>>
const logged: string[] = []

before(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  target = { host: url.hostname, port: Number(url.port) }
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', () => resolve()))
  url.port = String(portOf(door))
  url.hostname = '127.0.0.1'
  storage = openStorage({ DATABASE_URL: url.href })
  const metadata = await storage.metadata()
  await metadata.createApp({ id: 1, name: 'a', description: undefined }, 'key')
  const log = (message: string): void => void logged.push(message)
  server = await createEventServer({ metadata, events: await storage.events(), log })
})
after(async () => {
  await server.close()
  await storage.close()
  door.close()
  await database.drop()
})

const event = { event: 'view', entityType: 'user', entityId: '1' }
const post = (path: string, payload: object) =>
  server.inject({ method: 'POST', url: `${path}?accessKey=key`, payload })

test('while the database is away every event is answered as not stored, at once; afterward all is well', async () => {
  assert.equal((await post('/events.json', event)).statusCode, 201)
  shut()

  const answers = await Promise.all(Array.from({ length: 300 }, () => post('/events.json', event)))
  const batch = await post('/batch/events.json', [event])
  isShut = false
  const later = await post('/events.json', event)

  for (const answer of [...answers, batch]) {
    assert.ok(answer.statusCode === 500 || answer.statusCode === 503 || answer === batch)
    assert.match(answer.body, /could not be (?:stored|checked): the database cannot be reached\./)
  }
  assert.equal(later.statusCode, 201)
  assert.ok(logged.length >= 1 && logged.length < 10, `${logged.length} lines for 301 events`)
  const found = await server.inject('/events.json?accessKey=key&limit=-1')
  assert.equal(found.json<unknown[]>().length, 2)
})
