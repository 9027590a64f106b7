import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { speechOf } from './first-bytes.ts'

const speech = (text: string) => speechOf(Buffer.from(text))

test('a request line is HTTP, a secret is a rendezvous, less than either is undecided', () => {
  assert.equal(speech('GET / HTTP/1.1\r\n'), 'http')
  assert.equal(speech('POST '), 'http')
  assert.equal(speech('\r\nGET / HTTP/1.1\r\n'), 'http')
  assert.equal(speech('0123456789abcdef\r\nls\n'), 'rendezvous')
  assert.equal(speech('0123456789abcdef?columns=80\n'), 'rendezvous')
  assert.equal(speech('GET'), 'undecided')
  assert.equal(speech(''), 'undecided')
  assert.equal(speech('x'.repeat(2000)), 'http')
})

test('what is decided early stays so when more bytes arrive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }), (a, b) => {
      const early = speechOf(a)
      fc.pre(early !== 'undecided')

      assert.equal(speechOf(Buffer.concat([a, b])), early)
    }),
  )
})
