import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { splitLines } from './split-lines.ts'

const linesOf = (text: Buffer): string[] => text.toString('latin1').split('\n').slice(0, -1)

test('complete lines are taken as they are and the rest is left', () => {
  const { text, count, consumed } = splitLines(Buffer.from('one\n\ntwo\r\nrest'))

  assert.deepEqual(linesOf(text), ['one', '', 'two'])
  assert.deepEqual({ count, consumed }, { count: 3, consumed: 10 })
})

test('at the end of an output the rest is a line, too', () => {
  assert.deepEqual(linesOf(splitLines(Buffer.from('a\nb'), true).text), ['a', 'b'])
  assert.equal(splitLines(Buffer.from(''), true).count, 0)
})

test('lines are split at 10,000 bytes, but not within a character', () => {
  const { text } = splitLines(Buffer.from(`${'a'.repeat(9_999)}€${'b'.repeat(10_000)}\n`))

  assert.deepEqual(
    linesOf(text).map((line) => line.length),
    [9_999, 10_000, 3],
  )
})

test('a line of 10,000 bytes with CR LF stays whole, wherever a read ends', () => {
  const line = Buffer.from(`${'a'.repeat(10_000)}\r\n`)

  assert.equal(splitLines(line.subarray(0, 10_001)).consumed, 0)
  assert.deepEqual(linesOf(splitLines(line).text), ['a'.repeat(10_000)])
})

test('bytes that are not UTF-8 are kept', () => {
  const bytes = Buffer.of(0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0a)

  assert.deepEqual(splitLines(bytes).text, bytes)
})

test('for any bytes, reading them in pieces gives the same lines as reading them whole', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom('\n', '\r\n', '\r', 'x'.repeat(9_999), '\u{1F600}'.repeat(5_100))
      .map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const whole = splitLines(Buffer.concat(pieces), true)

      const parts: Buffer[] = []
      let pending: Buffer = Buffer.alloc(0)
      for (const [i, next] of pieces.entries()) {
        pending = Buffer.concat([pending, next])
        const { text, consumed } = splitLines(pending, i === pieces.length - 1)
        parts.push(text)
        pending = pending.subarray(consumed)
      }

      assert.deepEqual(linesOf(Buffer.concat(parts)), linesOf(whole.text))
      assert.equal(whole.consumed, Buffer.concat(pieces).length)
      assert.ok(linesOf(whole.text).every((line) => line.length <= 10_000))
    }),
  )
})
