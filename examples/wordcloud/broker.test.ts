import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { test } from 'node:test'
import { openBroker } from './broker.ts'

const number = (bytes: number, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}
const long = (text: string): Buffer => Buffer.concat([number(4, text.length), Buffer.from(text)])
const short = (text: string): Buffer => Buffer.concat([number(1, text.length), Buffer.from(text)])

/** A method frame of AMQP 0-9-1. */
function frame(channel: number, [group, method]: [number, number], ...fields: Buffer[]): Buffer {
  const payload = Buffer.concat([number(2, group), number(2, method), ...fields])
  const head = [number(1, 1), number(2, channel), number(4, payload.length)]
  return Buffer.concat([...head, payload, number(1, 0xce)])
}

/** What a broker answers whose queues are not there yet, by the method that it hears. */
const ANSWERS: Record<string, Buffer> = {
  '10.11': frame(0, [10, 30], number(2, 100), number(4, 131_072), number(2, 15)),
  '10.40': frame(0, [10, 41], short('')),
  '20.10': frame(1, [20, 11], long('')),
  '85.10': frame(1, [85, 11]),
  '50.10': frame(1, [20, 40], number(2, 404), short('NOT_FOUND'), number(2, 50), number(2, 10)),
}

/** Dies when it is asked to close a connection, as one does that is killed while it starts. */
function serve(socket: Socket): void {
  let rest = Buffer.alloc(0)
  let isGreeted = false
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    if (!isGreeted && rest.length >= 8) {
      isGreeted = true
      rest = rest.subarray(8)
      socket.write(
        frame(0, [10, 10], number(1, 0), number(1, 9), number(4, 0), long('PLAIN'), long('en_US')),
      )
    }
    while (rest.length >= 7 && rest.length >= 8 + rest.readUInt32BE(3)) {
      const method = `${rest.readUInt16BE(7)}.${rest.readUInt16BE(9)}`
      rest = rest.subarray(8 + rest.readUInt32BE(3))
      if (method === '10.50') socket.destroy()
      else if (ANSWERS[method] !== undefined) socket.write(ANSWERS[method])
    }
  })
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a broker that refuses the queue and dies while the connection closes fails the publish', async () => {
  const server = createServer(serve)
  const broker = openBroker(`amqp://127.0.0.1:${await listen(server)}/vhost`, 'words')

  await assert.rejects(broker.publish('now', '{}', 'id'), /NOT_FOUND/)
  await assert.rejects(broker.check(), /NOT_FOUND/)

  await broker.close()
  server.close()
})
