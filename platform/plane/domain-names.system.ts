import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { openDomainNames } from './domain-names.ts'

/** A DNS server that knows one TXT record and one alias, and says "no such name" to all else. */
function answerTo(query: Buffer): Buffer {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  const question = query.subarray(12, at + 5)
  const type = query.readUInt16BE(at + 1)
  const name = (text: string): Buffer =>
    Buffer.concat([
      ...text.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
      Buffer.from([0]),
    ])
  const text = Buffer.from('hokku-app=1234')
  const records = new Map([
    ['16 _hokku.www.example.com', Buffer.from([text.length, ...text])],
    ['5 www.example.com', name('shop.apps.example.com')],
  ])
  const data = records.get(`${type} ${labels.join('.').toLowerCase()}`)
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(data === undefined ? 0x8183 : 0x8180, 2)
  header.writeUInt16BE(data === undefined ? 0 : 1, 6)
  header.writeUInt32BE(0, 8)
  if (data === undefined) return Buffer.concat([header, question])
  const record = Buffer.alloc(12)
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(type, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([header, question, record, data])
}

test('records are read from the DNS server that is named, and a missing one is none', async (t) => {
  const server = createSocket('udp4')
  t.after(() => void server.close())
  server.on('message', (query, { port, address }) => server.send(answerTo(query), port, address))
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')

  const names = openDomainNames(`127.0.0.1:${server.address().port}`)

  assert.deepEqual(await names.txt('_hokku.www.example.com'), ['hokku-app=1234'])
  assert.deepEqual(await names.cname('www.example.com'), ['shop.apps.example.com'])
  assert.deepEqual(await names.txt('_hokku.other.example.com'), [])
  assert.deepEqual(await names.cname('other.example.com'), [])
})
