import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOrder } from './in-order.ts'

async function* upTo(count: number): AsyncGenerator<number, void, undefined> {
  for (let n = 0; n < count; n++) yield n
}

test('results come in the order of the items, whichever is done first', async () => {
  const slowFirst = async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, n === 0 ? 20 : 0))
    return n
  }

  const results = await Array.fromAsync(inOrder(upTo(5), () => 3, slowFirst))

  assert.deepEqual(results, [0, 1, 2, 3, 4])
})

test('never more items are under way than wanted', async () => {
  let [underWay, most] = [0, 0]
  const count = async (n: number) => {
    most = Math.max(most, ++underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay -= 1
    return n
  }

  await Array.fromAsync(inOrder(upTo(20), () => 4, count))

  assert.equal(most, 4)
})

test('the first failure ends it, and what was given before stays', async () => {
  const given: number[] = []
  const failing = async (n: number) => {
    if (n >= 2) throw new Error(`item ${n}`)
    return n
  }

  await assert.rejects(
    async () => {
      for await (const n of inOrder(upTo(10), () => 4, failing)) given.push(n)
    },
    { message: 'item 2' },
  )
  assert.deepEqual(given, [0, 1])
})
