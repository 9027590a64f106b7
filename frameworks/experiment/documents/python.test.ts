import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalDocument, documentText } from './canonical-document.ts'
import { cellText, csvRow } from '../data/csv.ts'
import { rewriteJson } from './json-rewriter.ts'
import { dumps, loads, NESTING_MAX } from './python-json.ts'
import { floatText } from './python-number.ts'
import { pythonText } from './python-text.ts'

test('floats print as in Python, at both ends of the exponent', () => {
  const printed = {
    '0.1': '0.1',
    '1.0': '1.0',
    '100': '100.0',
    '0.0001': '0.0001',
    '0.00001': '1e-05',
    '1e-7': '1e-07',
    '1.5e300': '1.5e+300',
    '1e15': '1000000000000000.0',
    '1e16': '1e+16',
    '1.2345e21': '1.2345e+21',
    '-0.0': '-0.0',
    '5e-324': '5e-324',
    '1e999': 'inf',
  }
  for (const [token, text] of Object.entries(printed)) {
    assert.equal(floatText(Number(token)), text, token)
  }
})

test('every float reads back as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(floatText(value)), value)
    }),
  )
})

test('values print like Python literals', () => {
  const printed = {
    '[1024, 768]': '[1024, 768]',
    '{"a":[1,"x"],"b":null,"c":true}': "{'a': [1, 'x'], 'b': None, 'c': True}",
    '"raw \\"text\\""': 'raw "text"',
    '["it\'s"]': '["it\'s"]',
    '["it\'s \\"q\\""]': `['it\\'s "q"']`,
    '["\\n\\u0001\\u00e9\\u2028\\ud83d\\ude00"]': "['\\n\\x01é\\u2028😀']",
    '12345678901234567890123': '12345678901234567890123',
    '-0': '0',
    '1.0': '1.0',
    '{"2":1,"1":{"__proto__":2}}': "{'2': 1, '1': {'__proto__': 2}}",
  }
  for (const [json, text] of Object.entries(printed)) assert.equal(pythonText(loads(json)), text)
})

test('a document is stored as json.dumps writes it', () => {
  const body =
    '{"b":[1,2.50,1e-7,-0],\n"a":{"é😀\\/\\u0041":null},"n":12345678901234567890,"d":"\u007F"}'

  const stored = documentText(canonicalDocument(body))

  assert.equal(
    stored,
    '{"b": [1, 2.5, 1e-07, 0], "a": {"\\u00e9\\ud83d\\ude00/A": null}, "n": 12345678901234567890, "d": "\\u007f"}',
  )
})

test('storing a document loses nothing, and storing it again changes nothing', () => {
  const document = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
  fc.assert(
    fc.property(document, fc.constantFrom(undefined, 2, '\t'), (value, space) => {
      const stored = documentText(canonicalDocument(JSON.stringify(value, undefined, space)))

      assert.deepEqual(JSON.parse(stored), JSON.parse(JSON.stringify(value)))
      assert.equal(documentText(canonicalDocument(stored)), stored)
      assert.equal(dumps(loads(stored)), stored)
      const answer = rewriteJson(stored, 'answer').bytes.toString()
      assert.deepEqual(JSON.parse(answer), JSON.parse(stored))
      assert.match(stored, /^[ -~]*$/)
    }),
  )
})

test('what is not an object, not JSON, or nested too deeply is refused', () => {
  const deep = `{"a":${'['.repeat(NESTING_MAX)}${']'.repeat(NESTING_MAX)}}`
  for (const body of [
    '[]',
    '"x"',
    'null',
    '1',
    '',
    '{',
    '{"a":01}',
    '{"a":NaN}',
    '{"a":1e999}',
    deep,
  ]) {
    assert.throws(() => canonicalDocument(body), { code: 'body_invalid' }, body)
  }
})

test('our reader accepts exactly what JSON.parse accepts', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    ':',
    ',',
    '1',
    '-',
    '.5',
    'e3',
    'null',
    ' ',
    '"',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('')
      assert.equal(
        accepts(() => loads(text)),
        accepts(() => JSON.parse(text)),
        text,
      )
    }),
    { numRuns: 2000 },
  )
})

test('answers have their keys sorted by code point', () => {
  const text = '{"😀": 1.50, "\uFFFD":2,"b":{"z":[{"d":1,"c":{}}],"a":2},"a!":3, "a":4,"":0}'

  const { bytes } = rewriteJson(text, 'answer')

  assert.equal(
    bytes.toString(),
    '{"":0,"a":4,"a!":3,"b":{"a":2,"z":[{"c":{},"d":1}]},"\\ufffd":2,"\\ud83d\\ude00":1.5}\n',
  )
})

test('rows quote only what must be quoted and end in CRLF', () => {
  assert.equal(csvRow(['a b', 'c,d', 'e"f', 'g\nh', '']), 'a b,"c,d","e""f","g\nh",\r\n')
  assert.equal(csvRow(['']), '""\r\n')
  assert.equal(csvRow([cellText(null), cellText(true)]), ',True\r\n')
})

function accepts(act: () => unknown): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}
