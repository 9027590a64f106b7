import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBatcher } from '@hokku/kit/batcher'
import { WRITE_LIMITS } from './write-limits.ts'

test('a queue that is full answers 503, so that pages come back instead of failing', async () => {
  const writes = createBatcher({ ...WRITE_LIMITS, waitingMax: 0, run: async () => [] })

  await assert.rejects(writes.add('save'), { code: 'overloaded', status: 503 })
})
