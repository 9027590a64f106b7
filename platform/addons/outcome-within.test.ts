import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeWithin } from './outcome-within.ts'

test('work that ends in time is done, work that throws has failed with its error', async () => {
  const error = new Error('no')

  const done = await outcomeWithin(Promise.resolve('anything'), 60_000)
  const failed = await outcomeWithin(Promise.reject(error), 60_000)

  assert.deepEqual(done, { kind: 'done' })
  assert.deepEqual(failed, { kind: 'failed', error })
})

test('work that takes longer is pending, and its later failure is still the caller’s to see', async () => {
  const { promise, reject } = Promise.withResolvers<void>()

  const outcome = await outcomeWithin(promise, 1)
  reject(new Error('late'))

  assert.deepEqual(outcome, { kind: 'pending' })
  await assert.rejects(promise, /late/)
})
