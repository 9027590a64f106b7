import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localPorts, networkPolicy } from './network-policy.ts'

const policyOf = (name: string, value: string, attachmentId: string | null) =>
  networkPolicy([{ uid: 7, config: [{ name, value, attachmentId }], ports: [20_001] }], {
    shared: [8080],
    endpoints: { postgres: '127.0.0.1:5433' },
  })

test('an add-on opens the port of its server to its app', () => {
  const policy = policyOf('DATABASE_URL', 'postgres://u:p@{{endpoint:postgres}}/d', 'an attachment')

  assert.deepEqual(policy, {
    shared: [8080],
    apps: [{ uid: 7, services: [5433], served: [20_001] }],
  })
})

test('a config var that a user set opens nothing', () => {
  const policy = policyOf('OTHER_URL', 'postgres://u:p@127.0.0.1:5433/d', null)

  assert.deepEqual(policy.apps[0]?.services, [])
})

test('addresses without a port stand for the usual one, and lists for each of theirs', () => {
  const ports = (value: string) => policyOf('X_URL', value, 'an attachment').apps[0]?.services

  assert.deepEqual(ports('postgres://u:p@db.example/d'), [5432])
  assert.deepEqual(ports('http://a:9200,http://b:9201'), [9200, 9201])
  assert.deepEqual(ports('s3cret:1234'), [])
  assert.deepEqual(ports('a-bucket'), [])
})

test('settings of builds open local ports only', () => {
  const values = ['http://127.0.0.1:4873/', 'http://u:p@localhost:3128', 'http://proxy:3129', 'no']

  assert.deepEqual(localPorts(values), [4873, 3128])
})
