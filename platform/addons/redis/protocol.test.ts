import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeReply } from './protocol.ts'

test('a reply is taken when it is all there', () => {
  assert.deepEqual(takeReply('+OK\r\n:1\r\n'), { length: 5, value: 'OK' })
  assert.deepEqual(takeReply('$3\r\na\r\n\r\n'), { length: 9, value: 'a\r\n' })
  assert.deepEqual(takeReply('$-1\r\n'), { length: 5, value: undefined })
  assert.deepEqual(takeReply('-ERR no\r\n'), { length: 9, error: 'ERR no' })
  for (const part of ['', '+OK', '$3\r\nab', '$3\r\nabc\r']) {
    assert.equal(takeReply(part), undefined)
  }
})
