import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyedQueue } from './keyed-queue.ts'

test('work of one key runs in order, one at a time; other keys do not wait', async () => {
  const queue = createKeyedQueue()
  const log: string[] = []
  const first = Promise.withResolvers<void>()

  const slow = queue.run('a', async () => {
    await first.promise
    log.push('a1')
  })
  const behind = queue.run('a', async () => void log.push('a2'))
  await queue.run('b', async () => void log.push('b'))
  first.resolve()
  await Promise.all([slow, behind])

  assert.deepEqual(log, ['b', 'a1', 'a2'])
})

test('a failure reaches its caller and does not stop what waits behind it', async () => {
  const queue = createKeyedQueue()

  const bad = queue.run('a', () => Promise.reject(new Error('no')))
  const good = queue.run('a', () => Promise.resolve('yes'))

  await assert.rejects(bad, /no/)
  assert.equal(await good, 'yes')
})

test('the queue is idle when everything has ended, also what was asked for meanwhile', async () => {
  const queue = createKeyedQueue()
  let isDone = false

  void queue.run('a', () => {
    void queue.run('b', async () => void (isDone = true))
    return Promise.resolve()
  })
  await queue.idle()

  assert.equal(isDone, true)
})
