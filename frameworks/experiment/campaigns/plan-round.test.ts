import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planRound } from './plan-round.ts'

const standing = { goal: 30, completed: 5, available: 2, pending: 3, assignmentsPerRound: 100 }

test('a round posts what is missing, in HITs of at most nine', () => {
  assert.deepEqual(planRound(standing), { do: 'post', hits: [9, 9, 2] })
  assert.deepEqual(planRound({ ...standing, assignmentsPerRound: 4 }), { do: 'post', hits: [4] })
})

test('a campaign ends at its goal, and posts nothing when enough is under way', () => {
  assert.deepEqual(planRound({ ...standing, completed: 30 }), { do: 'end' })
  assert.deepEqual(planRound({ ...standing, available: 40 }), { do: 'post', hits: [] })
})

test('a round never overshoots the goal and never makes a HIT of ten', () => {
  const count = fc.integer({ min: 0, max: 300 })
  const any = fc.record({
    goal: count,
    completed: count,
    available: count,
    pending: count,
    assignmentsPerRound: count,
  })
  fc.assert(
    fc.property(any, (at) => {
      const round = planRound(at)
      if (round.do === 'end') return
      const places = round.hits.reduce((sum, hit) => sum + hit, 0)
      assert.ok(round.hits.every((hit) => hit >= 1 && hit <= 9))
      assert.ok(places === 0 || at.completed + at.available + at.pending + places <= at.goal)
    }),
  )
})
