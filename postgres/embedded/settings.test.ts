import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderSettings } from './settings.ts'

test('a server listens on loopback only, with durable commits, by default', () => {
  const text = renderSettings({ port: 15_432 }, {})

  assert.match(text, /^listen_addresses = '127\.0\.0\.1'$/m)
  assert.match(text, /^port = 15432$/m)
  assert.match(text, /^fsync = on$/m)
  assert.match(text, /^ssl = off$/m)
})

test('settings given win over the defaults, and quotes in them are escaped', () => {
  const text = renderSettings(
    { port: 1, tls: { certFile: '/a/server.crt', keyFile: '/a/server.key' } },
    { fsync: false, cluster_name: "ann's" },
  )

  assert.match(text, /^fsync = off$/m)
  assert.match(text, /^cluster_name = 'ann''s'$/m)
  assert.match(text, /^ssl = on$/m)
  assert.match(text, /^ssl_key_file = '\/a\/server\.key'$/m)
})
