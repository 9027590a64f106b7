import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLines } from './lines.ts'

test('work under one key takes turns, also after a failure; other keys do not wait', async () => {
  const lines = createLines()
  const seen: string[] = []
  const work =
    (name: string, ms: number, fails = false) =>
    async () => {
      await sleep(ms)
      seen.push(name)
      if (fails) throw new Error(name)
      return name
    }

  const first = lines.run('a', work('first', 20, true))
  const second = lines.run('a', work('second', 0))
  const other = lines.run('b', work('other', 5))

  await assert.rejects(first, /first/)
  assert.equal(await second, 'second')
  assert.equal(await other, 'other')
  await lines.idle()
  assert.deepEqual(seen, ['other', 'first', 'second'])
})
