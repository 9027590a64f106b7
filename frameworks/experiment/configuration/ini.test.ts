import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '@hokku/kit/error-code'
import { parseIni } from './ini.ts'

const texts = (text: string): Record<string, Record<string, string>> =>
  Object.fromEntries(
    [...parseIni(text, 'config.txt')].map(([section, options]) => [
      section,
      Object.fromEntries([...options].map(([name, value]) => [name, value.text])),
    ]),
  )

test('names are case-insensitive, = and : separate, comments fill whole lines only', () => {
  const file = texts("; c\n[A]\n# c\nOne = 1 ; x\nTWO: b=c\nsecret_key = 'abc'\nempty =\n")

  assert.deepEqual(file, { A: { one: '1 ; x', two: 'b=c', secret_key: "'abc'", empty: '' } })
})

test('indented lines continue a value, and comments inside are left out', () => {
  const file = texts('[A]\nlong = one\n  two\n\n  ; no\n  three\nnext = 1\n')

  assert.deepEqual(file, { A: { long: 'one\ntwo\n\nthree', next: '1' } })
})

test('a broken file is refused with its line', () => {
  const broken = {
    'x = 1': 1,
    '[A]\n\nword': 3,
    '[A]\na=1\nA=2': 3,
    '[A]\n[B]\n[A]': 3,
    '[A]\n= 2': 2,
  }
  for (const [text, line] of Object.entries(broken)) {
    assert.throws(() => parseIni(text, 'config.txt'), new RegExp(`config\\.txt, line ${line}: `))
  }
})

test('sections of options are read back as written', () => {
  const word = fc.stringMatching(/^[a-z][a-z_]{0,9}$/)
  const value = fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/)
  const file = fc.dictionary(
    fc.stringMatching(/^[A-Z][A-Za-z ]{0,9}[a-z]$/),
    fc.dictionary(word, value, { noNullPrototype: true }),
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(file, fc.constantFrom(' = ', '=', ': '), (sections, separator) => {
      const lines = Object.entries(sections).flatMap(([section, options]) => [
        `[${section}]`,
        ...Object.entries(options).map(([name, text]) => `${name}${separator}${text}`),
      ])

      const read = texts(lines.join('\r\n'))

      assert.deepEqual(read, Object.fromEntries(Object.entries(sections)))
    }),
  )
})

test('any text is either read or refused as an invalid configuration', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom('[A]', 'a=1', ' b', '#', '[', '=', ''))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        parseIni(lines.join('\n'), 'config.txt')
      } catch (error) {
        assert.equal(codeOf(error), 'config_invalid')
      }
    }),
  )
})
