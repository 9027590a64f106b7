import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, slugOf } from './slug.ts'

test("slugs are the tutorial's", () => {
  const slugs = {
    'My First Document': 'my-first-document',
    '  a -- b__c.d, e ': 'a-b-c-d-e',
    'Crème brûlée': 'creme-brulee',
    'C++ & C#: 1~2;3': 'c++-c-:-1~2;3',
    '../../etc/passwd': 'etc-passwd',
    '<script>': 'script',
    'ﬁne ½': 'fine-12',
    東京: '',
    '': '',
    "it's\nfine": 'it-sfine',
  }

  for (const [name, slug] of Object.entries(slugs)) assert.equal(slugOf(name), slug, name)
})

test('a name without ASCII has its own address, the same each time', () => {
  assert.equal(addressOf('東京', 'a'), addressOf('東京', 'b'))
  assert.notEqual(addressOf('東京', 'a'), addressOf('大阪', 'a'))
  assert.match(addressOf('東京', 'a'), /^[0-9a-f]{10}$/)
})

test('documents without a name are different documents', () => {
  assert.notEqual(addressOf(' ', 'a'), addressOf('', 'b'))
})

test('two long names that differ at the end only have two addresses', () => {
  const long = 'x'.repeat(10_000)

  assert.notEqual(addressOf(`${long}a`, ''), addressOf(`${long}b`, ''))
  assert.ok(addressOf(long, '').length < 120)
})
