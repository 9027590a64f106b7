import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseInstance } from './choose-instance.ts'

const instance = (inFlight: number, refusedUntil = 0) => ({ inFlight, refusedUntil })
/** Gives out the numbers one after the other. */
const draws =
  (...numbers: number[]) =>
  () =>
    numbers.shift() ?? 0

test('of two drawn at random the one with less to do is taken', () => {
  const [busy, calm, idle] = [instance(9), instance(3), instance(0)]

  assert.equal(chooseInstance([busy, calm, idle], 0, draws(0, 0.5)), calm)
  assert.equal(chooseInstance([busy, calm, idle], 0, draws(0.9, 0.1)), idle)
})

test('one that refused lately is left alone while there is another', () => {
  const [refusing, busy] = [instance(0, 1000), instance(50)]

  assert.equal(chooseInstance([refusing, busy], 999, Math.random), busy)
  assert.equal(chooseInstance([refusing, busy], 1000, draws(0, 0.9)), refusing)
  assert.ok(chooseInstance([refusing, instance(0, 1000)], 0, Math.random))
  assert.equal(chooseInstance([], 0, Math.random), undefined)
})

test('load spreads over all instances', () => {
  const instances = Array.from({ length: 4 }, () => ({ inFlight: 0, refusedUntil: 0 }))

  for (let i = 0; i < 4000; i++) chooseInstance(instances, 0, Math.random)!.inFlight++

  for (const { inFlight } of instances) assert.ok(Math.abs(inFlight - 1000) < 20, `${inFlight}`)
})
