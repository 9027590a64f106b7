import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringifyExactly } from './exact-json.ts'

test('integers beyond 2^53 keep their digits, at any depth', () => {
  assert.equal(
    stringifyExactly({ id: 9007199254740993n, all: [-(2n ** 70n)] }),
    '{"id":9007199254740993,"all":[-1180591620717411303424]}',
  )
  assert.equal(stringifyExactly({ id: 1n }, 2), '{\n  "id": 1\n}')
})

test('all else is written as JSON.stringify writes it', () => {
  const value = { text: 'é"', none: null, left: undefined, not: Number.NaN }

  assert.equal(stringifyExactly(value), JSON.stringify(value))
})

test('a value that refers to itself is refused', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop

  assert.throws(() => stringifyExactly(loop), TypeError)
})
