import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextOf, signatureOf } from './deliverer.ts'

const AT = '2026-01-01T00:00:00.000Z'
const made = { createdAt: AT }

test('the signature is the HMAC that receivers compute over the body', () => {
  // From: printf body | openssl dgst -sha256 -hmac secret -binary | base64
  assert.equal(signatureOf('body', 'secret'), '3EaYNVf+oSe0OvchRn65s/3iM4/j4U9RlSqoR4wT01U=')
})

test('sync tries again later and later, notify does not', () => {
  const failed = (attempts: number) => ({ attempts, isThrough: false })
  const wait = (attempts: number): number => {
    const { nextAttemptAt } = nextOf({ level: 'sync' }, made, failed(attempts), Date.parse(AT))
    return Date.parse(nextAttemptAt ?? '') - Date.parse(AT)
  }

  assert.deepEqual([1, 2, 3, 30].map(wait), [5000, 10_000, 20_000, 3_600_000])
  assert.equal(nextOf({ level: 'notify' }, made, failed(1)).status, 'failed')
})

test('after three days a delivery is given up', () => {
  const fourthDay = Date.parse(AT) + 3 * 86_400_000 + 1
  const end = nextOf({ level: 'sync' }, made, { attempts: 80, isThrough: false }, fourthDay)

  assert.deepEqual(end, { status: 'failed', nextAttemptAt: null })
})
