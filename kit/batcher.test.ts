import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBatcher, type BatcherOptions } from './batcher.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function recorder(limits: Partial<BatcherOptions<string, string>> = {}) {
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
    waitingMax: 100,
    whenFull: () => new Error('too many wait'),
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

test('a batch that fails rejects its own callers and no one else', async () => {
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
  const { batcher, release } = recorder({ waitingMax: 1, itemsMax: 1 })

  await batcher.idle()
  const first = batcher.add('a')
  await tick()
  const second = batcher.add('b')
  await assert.rejects(batcher.add('c'), /too many wait/)
  release()
  await first
  await tick()
  release()
  await second
  await batcher.idle()

  assert.equal(batcher.length(), 0)
})

test('items without a key fill batches from the front, as many at once as may run', async () => {
  const batches: string[][] = []
  const batcher = createBatcher<string, string>({
    run: async (items) => {
      batches.push([...items])
      return items
    },
    itemsMax: 2,
    concurrency: 2,
    waitingMax: 100,
    whenFull: () => new Error('too many wait'),
  })

  await Promise.all(['a', 'a', 'b', 'c', 'd'].map((item) => batcher.add(item)))

  assert.deepEqual(batches, [['a', 'a'], ['b', 'c'], ['d']])
})

test('a batch holds no more weight than it may, but a single large item goes alone', async () => {
  const { batcher, batches, release } = recorder({ weightOf: (item) => item.length, weightMax: 4 })

  const all = ['aaa', 'bb', 'c', 'dddddd'].map((item) => batcher.add(item))
  for (const _ of all) {
    // oxlint-disable-next-line no-await-in-loop -- one batch after the other
    await tick()
    release()
  }
  await Promise.all(all)

  assert.deepEqual(batches, [['aaa', 'c'], ['bb'], ['dddddd']])
})

test('items of one key keep their order when the first of them does not fit', async () => {
  const { batcher, batches, release } = recorder({
    keyOf: (item) => item.slice(0, 1),
    weightOf: (item) => item.length,
    weightMax: 3,
  })

  const all = ['xx', 'a22', 'a'].map((item) => batcher.add(item))
  for (const _ of all) {
    // oxlint-disable-next-line no-await-in-loop -- one batch after the other
    await tick()
    release()
  }
  await Promise.all(all)

  assert.deepEqual(batches, [['xx'], ['a22'], ['a']])
})

test('where one item is at fault for all, each gets its own try', async () => {
  const { batcher, batches, release } = recorder({ isItemFault: () => true })

  const all = Promise.allSettled(['a', 'bad', 'b'].map((item) => batcher.add(item)))
  for (let turn = 0; turn < 4; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    await tick()
    release()
  }

  assert.deepEqual(await all, [
    { status: 'fulfilled', value: 'a!' },
    { status: 'rejected', reason: new Error('the database said no') },
    { status: 'fulfilled', value: 'b!' },
  ])
  assert.deepEqual(batches, [['a', 'bad', 'b'], ['a'], ['bad'], ['b']])
})
