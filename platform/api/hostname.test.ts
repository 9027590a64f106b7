import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHostname } from './hostname.ts'

test('host names are kept in lower case and punycode, without the final dot', () => {
  const names = ['WWW.Example.com', 'example.com.', 'bücher.example', '*.example.com', 'a-b.c.de']

  assert.deepEqual(
    names.map((name) => parseHostname(name, 'localhost')),
    [
      { hostname: 'www.example.com' },
      { hostname: 'example.com' },
      { hostname: 'xn--bcher-kva.example' },
      { hostname: '*.example.com' },
      { hostname: 'a-b.c.de' },
    ],
  )
})

test('what is no host name is refused', () => {
  const names = [
    '',
    'www',
    '-a.example',
    'a_b.example',
    'a b.example',
    'a..example',
    '*',
    '*.*.a.b',
  ]
  const more = ['1.2.3.4', '::1', 'x.example:80', 'http://a.example', `${'a'.repeat(64)}.example`]

  for (const name of [...names, ...more, '../etc/passwd', 'a.example/x', '*.1.2.3.4']) {
    assert.ok('wrong' in parseHostname(name, 'localhost'), name)
  }
})

test("names of the platform's own domain cannot be taken, nor a wildcard above it", () => {
  const names = [
    'other.apps.example.com',
    'apps.example.com',
    '*.apps.example.com',
    '*.example.com',
  ]

  for (const name of names) assert.ok('wrong' in parseHostname(name, 'apps.example.com'), name)
  assert.ok('wrong' in parseHostname('demo.localhost', 'localhost'))
  for (const name of ['www.example.com', 'example.com', '*.shop.example.com']) {
    assert.ok('hostname' in parseHostname(name, 'apps.example.com'), name)
  }
})
