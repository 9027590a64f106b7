import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import fc from 'fast-check'
import { readUbjson } from './ubjson.ts'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))

test('objects, texts and typed arrays are read as XGBoost writes them', () => {
  const length = (n: number): string => `L\0\0\0\0\0\0\0${String.fromCharCode(n)}`
  const text =
    `{${length(1)}a[$d#${length(2)}\u003f\u0080\0\0\u00bf\0\0\0` +
    `${length(1)}b{${length(1)}cS${length(3)}abc}${length(1)}d[i\u00ffTZ]}`

  assert.deepEqual(readUbjson(bytes(text)), { a: [1, -0.5], b: { c: 'abc' }, d: [-1, true, null] })
})

test('bytes that end in the middle, lie about a length or nest without end are refused', () => {
  for (const text of [
    '',
    '{',
    '[',
    '[$d#L\0\0\0\0\u00ff\0\0\0',
    'SL\u00ff\0\0\0\0\0\0\0',
    '['.repeat(1000),
    'q',
  ]) {
    assert.throws(() => readUbjson(bytes(text)), Problem, JSON.stringify(text.slice(0, 9)))
  }
})

test('any bytes are a value or a refusal', () => {
  const marks = fc.array(
    fc.constantFrom(...'{ } [ ] $ # L l I i U d D S T F Z \0 \u0001 \u00ff'.split(' ')),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        marks.map((list) => bytes(list.join(''))),
        fc.uint8Array(),
      ),
      (given) => {
        try {
          readUbjson(given)
        } catch (error) {
          assert.ok(error instanceof Problem, String(error))
        }
      },
    ),
    { numRuns: 2000 },
  )
})
