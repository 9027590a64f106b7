import { Problem } from '@hokku/kit/problem'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringifyExactly } from '@hokku/kit/exact-json'
import { parseLenientJson } from './lenient-json.ts'

test('what strict JSON accepts is read the same', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parseLenientJson(text), JSON.parse(text))
    }),
  )
})

test('the lenient reader itself agrees with strict JSON once a comma too many is added', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = `,${JSON.stringify(value)},,`

      assert.deepEqual(parseLenientJson(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('commas are white space: missing, doubled and trailing ones are accepted', () => {
  const text = `{,"user": "u5"\n"from": 0, "fields": [1 2,,3,],}`

  assert.deepEqual(parseLenientJson(text), { user: 'u5', from: 0, fields: [1, 2, 3] })
})

test('integers of any size survive reading and writing', () => {
  const text = '{"a":[12345678901234567890,-9007199254740993,1.5,10]}'

  assert.equal(stringifyExactly(parseLenientJson(text)), text)
})

test('a key called __proto__ is a key', () => {
  const value = parseLenientJson('{"__proto__": 1,,}')

  assert.deepEqual(Object.entries(value as object), [['__proto__', 1]])
})

test('every cut of a document is refused, with line and column', () => {
  const text = '{"event": "rate",\n "properties": {"a": [1, "x\\n", true]}}'

  for (let length = 0; length < text.length; length++) {
    assert.throws(
      () => parseLenientJson(text.slice(0, length)),
      (error) => error instanceof Problem && /line \d+, column \d+/.test(error.message),
      `cut after ${length}`,
    )
  }
})

test('garbage never makes anything but a Problem', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u0 1e-.tn\n')) }),
      (text) => {
        try {
          parseLenientJson(text)
        } catch (error) {
          assert.ok(error instanceof Problem)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

for (const text of ['{"a" 1}', '{a: 1}', '{"a": 01}', '[1e999]', '[tru]', '{} {}', '"a\nb"']) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseLenientJson(text), Problem)
  })
}

test('nesting has a limit', () => {
  assert.throws(() => parseLenientJson(`${'[,'.repeat(300)}${']'.repeat(300)}`), /nested deeper/)
})
