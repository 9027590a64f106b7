import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedSync } from './shared-sync.ts'

/** A disk whose every sync waits for us. */
function slowDisk() {
  const finish: (() => void)[] = []
  const sync = new SharedSync(() => new Promise((resolve) => finish.push(resolve)))
  return { sync, finish, turn: () => new Promise<void>((resolve) => setImmediate(resolve)) }
}

test('who comes while a sync is on its way waits for the next, together with the others', async () => {
  const { sync, finish, turn } = slowDisk()
  const done: string[] = []
  const wait = (name: string) => sync.done().then(() => done.push(name))

  const first = wait('first')
  await turn()
  const others = [wait('second'), wait('third')]
  finish[0]?.()
  await first
  await turn()

  assert.deepEqual(done, ['first'])
  assert.equal(finish.length, 2)
  finish[1]?.()
  await Promise.all(others)
  assert.deepEqual(done, ['first', 'second', 'third'])
})

test('who comes after its own sync gets one', async () => {
  const { sync, finish, turn } = slowDisk()

  for (const i of [0, 1, 2]) {
    const waiting = sync.done()
    await turn()
    finish[i]?.()
    await waiting
  }

  assert.equal(finish.length, 3)
})

test('after a failed sync nothing counts as kept any more', async () => {
  let calls = 0
  const sync = new SharedSync(() => {
    calls++
    return Promise.reject(new Error('EIO'))
  })

  await assert.rejects(sync.done(), /EIO/)
  await assert.rejects(sync.done(), /EIO/)

  assert.equal(calls, 1)
})
