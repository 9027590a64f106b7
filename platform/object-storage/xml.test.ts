import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { childrenOf, parseXml, textOf, writeXml } from './xml.ts'

test('what is written is read back, with any characters', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), (keys) => {
      const expected = keys.filter((key) => key === key.trim())

      const root = parseXml(writeXml('List', { Key: expected }))

      assert.deepEqual(
        childrenOf(root, 'Key').map(({ text }) => text),
        expected,
      )
    }),
  )
})

test('prefixes, attributes, declarations and comments are passed over', () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- x --><s3:A xmlns:s3="u"><B c="d">1</B><E/></s3:A>',
  )

  assert.equal(root.name, 'A')
  assert.equal(textOf(root, 'B'), '1')
  assert.equal(textOf(root, 'E'), '')
})

test('what is not XML is refused, document types above all', () => {
  const texts = [
    '',
    'text',
    '<A>',
    '</A>',
    '<A></B>',
    '<A/><B/>',
    '<A>&nope;</A>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><A>&b;</A>',
    '<A>'.repeat(40) + '</A>'.repeat(40),
  ]
  for (const text of texts) assert.throws(() => parseXml(text), { code: 'malformed_xml' })
})
