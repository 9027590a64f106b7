import assert from 'node:assert/strict'
import { test } from 'node:test'
import { affinityHeader, servedBefore } from './session-affinity.ts'

test('a client is known again by the cookie that it was given', () => {
  const [, value = ''] = affinityHeader('one')
  const cookie = value.split(';')[0]

  assert.equal(servedBefore(`a=b; ${cookie}; c=d`), 'one')
  assert.equal(servedBefore('a=b'), undefined)
  assert.equal(servedBefore(undefined), undefined)
})
