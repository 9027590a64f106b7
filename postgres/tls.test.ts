import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitTls } from './tls.ts'

const ADDRESS = 'postgres://u:p@db.example.com:5432/x'

test('sslmode means what it means to libpq, and does not reach the driver', () => {
  const wishes = {
    '': [false, false, false],
    '?sslmode=disable': [false, false, false],
    '?sslmode=prefer': [false, false, false],
    '?sslmode=require': [true, false, false],
    '?sslmode=no-verify': [true, false, false],
    '?sslmode=require&sslrootcert=/ca.pem': [true, true, false],
    '?sslmode=verify-ca&sslrootcert=/ca.pem': [true, true, false],
    '?sslmode=verify-full': [true, true, true],
    '?ssl=true': [true, false, false],
  }
  for (const [query, expected] of Object.entries(wishes)) {
    const { address, tls } = splitTls(`${ADDRESS}${query}`)

    assert.deepEqual([tls.encrypt, tls.verifyChain, tls.verifyHost], expected, query)
    assert.equal(address, ADDRESS)
  }
})

test('other parameters of the address are kept', () => {
  const { address } = splitTls(`${ADDRESS}?sslmode=require&application_name=app`)

  assert.equal(address, `${ADDRESS}?application_name=app`)
})
