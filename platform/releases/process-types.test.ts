import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Formation } from '../store/index.ts'
import { joinProcessTypes, settleProcessTypes } from './process-types.ts'

const entry = (type: string, quantity: number, command: string): Formation => ({
  id: type,
  appId: 'app',
  type,
  quantity,
  size: 'Standard-1X',
  command,
  createdAt: '',
  updatedAt: '',
})

test('a first deploy runs one web dyno and nothing else', () => {
  const changes = joinProcessTypes({ processTypes: { web: 'w', worker: 'k', release: 'r' } }, [])

  assert.deepEqual(
    changes.map((change) => (change.do === 'set' ? [change.type, change.quantity] : change)),
    [
      ['web', 1],
      ['worker', 0],
      ['release', 0],
    ],
  )
})

test('a type that is scaled keeps its quantity when its command changes', () => {
  const changes = settleProcessTypes({ processTypes: { worker: 'new' } }, [
    entry('worker', 3, 'old'),
  ])

  assert.deepEqual(changes, [
    { do: 'set', type: 'worker', quantity: 3, size: 'Standard-1X', command: 'new' },
  ])
})

test('a type that left the Procfile is dropped', () => {
  const changes = settleProcessTypes({ processTypes: {} }, [entry('worker', 1, 'x')])

  assert.deepEqual(changes, [{ do: 'drop', type: 'worker' }])
})
