import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf } from './host.ts'

test('port, final dot, capitals and brackets do not matter', () => {
  const names = [
    'demo.localhost',
    'DEMO.localhost:8080',
    'demo.localhost.',
    '[::1]:80',
    '127.0.0.1:1',
  ]

  assert.deepEqual(names.map(hostOf), [
    'demo.localhost',
    'demo.localhost',
    'demo.localhost',
    '::1',
    '127.0.0.1',
  ])
})

test('what is not a host name is none', () => {
  for (const text of [
    '',
    ':80',
    'a b',
    'a/b',
    'a@b',
    'a:b:c',
    '[::1',
    'a..b',
    '.a',
    '<b>',
    'a:123456',
  ]) {
    assert.equal(hostOf(text), undefined, text)
  }
})
