import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FLUSH, parsePktLines, pktLine, type Packet } from './pkt-line.ts'

const bytes = fc.uint8Array({ maxLength: 500 })
const packet: fc.Arbitrary<Packet> = fc.oneof(bytes, fc.constant('flush' as const))

test('packets are read as they were written, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(packet), fc.nat(), (packets, cut) => {
      const written = Buffer.concat(packets.map(framed))
      const at = written.length === 0 ? 0 : cut % written.length
      const first = parsePktLines(written.subarray(0, at))
      const second = parsePktLines(Buffer.concat([first.rest, written.subarray(at)]))

      assert.deepEqual([...first.packets, ...second.packets].map(plain), packets.map(plain))
      assert.equal(second.rest.length, 0)
    }),
  )
})

test('any bytes are read or refused, never run past', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (any) => {
      try {
        assert.ok(parsePktLines(any).rest.length <= any.length)
      } catch (error) {
        assert.ok(error instanceof SyntaxError)
      }
    }),
  )
})

test('a line is framed as git does', () => {
  assert.equal(
    pktLine('# service=git-receive-pack\n').toString(),
    '001f# service=git-receive-pack\n',
  )
})

const framed = (one: Packet): Buffer => (one === 'flush' ? FLUSH : pktLine(one))

const plain = (one: Packet): string => (one === 'flush' ? one : Buffer.from(one).toString('hex'))
