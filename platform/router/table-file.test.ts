import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTable } from './table-file.ts'

test('a table is read back, and damage is noticed', () => {
  const app = { id: 'a', hosts: ['a.localhost'], state: 'live', instances: [] }
  const whole = JSON.stringify({ version: 3, apps: [app] })

  assert.equal(parseTable(whole)?.version, 3)
  for (const damaged of ['', 'null', '[]', '{}', whole.slice(0, -3), '{"version":1,"apps":[{}]}']) {
    assert.equal(parseTable(damaged), undefined, damaged)
  }
})
