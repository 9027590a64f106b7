import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBatcher } from './batcher.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function recorder(limits: { itemsMax?: number; concurrency?: number; queueMax?: number } = {}) {
  const batches: string[][] = []
  const releases: (() => void)[] = []
  const batcher = createBatcher<string, string>({
    run: async (items) => {
      batches.push([...items])
      await new Promise<void>((resolve) => releases.push(resolve))
      if (items.includes('bad')) throw new Error('the database said no')
      return items.map((item) => `${item}!`)
    },
    keyOf: (item) => item,
    itemsMax: 10,
    concurrency: 1,
    queueMax: 100,
    ...limits,
  })
  return { batcher, batches, release: () => releases.shift()?.() }
}

test('what arrives while a batch is under way goes together into the next', async () => {
  const { batcher, batches, release } = recorder()

  const first = batcher.add('a')
  await tick()
  const others = [batcher.add('b'), batcher.add('c')]
  release()
  await first
  await tick()
  release()

  assert.deepEqual(await Promise.all(others), ['b!', 'c!'])
  assert.deepEqual(batches, [['a'], ['b', 'c']])
})

test('the same key never shares a batch, nor runs beside itself', async () => {
  const { batcher, batches, release } = recorder({ concurrency: 2 })

  const both = [batcher.add('a'), batcher.add('a'), batcher.add('b')]
  await tick()
  assert.deepEqual(batches, [['a', 'b']])
  release()
  await tick()
  release()
  await Promise.all(both)

  assert.deepEqual(batches, [['a', 'b'], ['a']])
})

test('a batch that fails rejects its own callers and nobody else', async () => {
  const { batcher, release } = recorder()

  const bad = batcher.add('bad')
  await tick()
  const good = batcher.add('good')
  release()
  await assert.rejects(bad, /the database said no/)
  await tick()
  release()

  assert.equal(await good, 'good!')
})

test('a queue that is full turns callers away, and an empty one is idle', async () => {
  const { batcher, release } = recorder({ queueMax: 1, itemsMax: 1 })

  await batcher.idle()
  const first = batcher.add('a')
  await tick()
  const second = batcher.add('b')
  await assert.rejects(batcher.add('c'), /Too many writes/)
  release()
  await first
  await tick()
  release()
  await second
  await batcher.idle()

  assert.equal(batcher.length(), 0)
})
