import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encode, MessageReader, type ToPlane } from './messages.ts'

test('however the stream is cut, the same messages come out', () => {
  const message = fc.record(
    {
      type: fc.constant('activity' as const),
      appIds: fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      (sent, size) => {
        const bytes = Buffer.from(sent.map(encode).join(''))
        const reader = new MessageReader<ToPlane>()

        const received: ToPlane[] = []
        for (let at = 0; at < bytes.length; at += size) {
          received.push(...reader.push(bytes.subarray(at, at + size)))
        }

        assert.deepEqual(received, sent)
      },
    ),
  )
})

test('what is not ours ends in an error', () => {
  assert.throws(() => new MessageReader().push(Buffer.from('GET / HTTP/1.1\r\n')), SyntaxError)
})
