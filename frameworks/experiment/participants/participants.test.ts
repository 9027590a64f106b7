import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalDocument, documentText } from '../documents/canonical-document.ts'
import { decideAd, decideArrival, type Row } from './admission.ts'
import { cellsOf, chooseCells, withNewcomers } from './cells.ts'
import { applyDelta, deltaBetween } from '../documents/document-delta.ts'
import { firstOf, IdentityQuery } from './identity.ts'

const identity = { hitId: 'H', assignmentId: 'A', workerId: 'W' }
const row = (status: number, assignmentid = 'A', hitid = 'H'): Row => ({
  uniqueid: `W:${assignmentid}`,
  assignmentid,
  workerid: 'W',
  hitid,
  status,
  condition: 0,
  counterbalance: 0,
})
const shown = (rows: Row[], allowRepeats = false, hitId = 'H'): string => {
  const decision = decideAd({ ...identity, hitId }, rows, allowRepeats)
  return decision.show === 'error' ? decision.error : decision.show
}

test('newcomers and allocated participants see the ad', () => {
  assert.equal(shown([]), 'ad')
  assert.equal(shown([row(1)]), 'ad')
  assert.equal(shown([row(2, 'A', 'other HIT')]), 'ad')
})

test('who started or quit is turned away from the ad, who finished may submit', () => {
  assert.equal(shown([row(2)]), 'already_started_exp_mturk')
  assert.equal(shown([row(6)]), 'already_started_exp_mturk')
  assert.equal(shown([row(3)]), 'thanks')
  assert.equal(shown([row(4)]), 'thanks')
  assert.equal(shown([row(5)]), 'status_incorrectly_set')
  assert.equal(shown([row(7)]), 'status_incorrectly_set')
})

test('a second assignment is refused unless repeats are allowed', () => {
  assert.equal(shown([row(1, 'B')]), 'already_did_exp_hit')
  assert.equal(shown([row(1, 'B')], true), 'ad')
  assert.equal(shown([row(4), row(4, 'B')], true), 'status_incorrectly_set')
  assert.equal(shown([row(3), row(4, 'B')]), 'thanks')
})

test('debug visitors see the ad again and again, unless they have just finished', () => {
  const debug = (status: number): string => shown([row(status, 'A', 'debugH')], false, 'debugH')

  assert.deepEqual([1, 2, 6, 5].map(debug), ['ad', 'ad', 'ad', 'ad'])
  assert.equal(debug(3), 'thanks')
  assert.equal(shown([row(1, 'B')], false, 'debugH'), 'ad')
})

test('an arrival is new, comes back to its condition, or is refused', () => {
  const arrive = (rows: Row[], repeats = false, hitId = 'H'): string => {
    const decision = decideArrival({ ...identity, hitId }, rows, repeats)
    return decision.do === 'refuse' ? decision.error : decision.do
  }

  assert.equal(arrive([]), 'allocate')
  assert.equal(arrive([row(1)]), 'return')
  assert.equal(arrive([row(2)]), 'already_started_exp')
  assert.equal(arrive([row(2, 'A', 'debugH')], false, 'debugH'), 'return')
  assert.equal(arrive([row(1, 'B')]), 'already_did_exp_hit')
  assert.equal(arrive([row(1, 'B')], false, 'debugH'), 'already_did_exp_hit')
  assert.equal(arrive([row(1), row(1, 'B')]), 'already_did_exp_hit')
  assert.equal(arrive([row(1, 'B')], true), 'allocate')
  assert.equal(arrive([row(1), row(1)]), 'hit_assign_appears_in_database_more_than_once')
})

test('newcomers are counted in the cells they were given, known before or not', () => {
  const counts = [{ condition: 0, counterbalance: 1, count: 4 }]
  const newcomers = [
    { condition: 0, counterbalance: 1 },
    { condition: 1, counterbalance: 0 },
    { condition: 1, counterbalance: 0 },
  ]

  assert.deepEqual(withNewcomers(counts, newcomers), [
    { condition: 0, counterbalance: 1, count: 5 },
    { condition: 1, counterbalance: 0, count: 2 },
  ])
})

test('cells fill evenly: the spread never exceeds one, wherever the counts started level', () => {
  const sizes = fc.record({
    conditions: fc.integer({ min: 1, max: 7 }),
    counters: fc.integer({ min: 1, max: 4 }),
  })
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 0, max: 200 }),
      fc.infiniteStream(fc.nat()),
      (cells, arrivals, dice) => {
        const random = (n: number): number => dice.next().value % n

        const chosen = chooseCells(arrivals, [], cells, random)

        const counts = new Map<string, number>()
        for (const cell of chosen)
          counts.set(JSON.stringify(cell), (counts.get(JSON.stringify(cell)) ?? 0) + 1)
        const all = [...counts.values()]
        const isEveryCellUsed = counts.size === cells.conditions * cells.counters
        const spread = Math.max(0, ...all) - (isEveryCellUsed ? Math.min(...all) : 0)
        assert.equal(chosen.length, arrivals)
        assert.ok(spread <= 1)
      },
    ),
  )
})

test('the least filled cell is chosen, and cells that no longer exist are ignored', () => {
  const counts = [
    { condition: 0, counterbalance: 0, count: 5 },
    { condition: 1, counterbalance: 0, count: 3 },
    { condition: 9, counterbalance: 0, count: 0 },
    { condition: -1, counterbalance: 0, count: 0 },
  ]

  const chosen = chooseCells(3, counts, { conditions: 2, counters: 1 }, () => 0)

  assert.deepEqual(
    chosen.map((cell) => cell.condition),
    [1, 1, 0],
  )
})

test('conditions.json replaces both settings', () => {
  assert.deepEqual(cellsOf({ num_conds: 2, num_counters: 3 }, 5), { conditions: 5, counters: 1 })
})

test('a delta brings back exactly the text that was saved', () => {
  const growing = fc.tuple(
    fc.array(fc.jsonValue(), { maxLength: 5 }),
    fc.array(fc.jsonValue(), { maxLength: 5 }),
    fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
    fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
  )
  fc.assert(
    fc.property(growing, ([data, more, one, other]) => {
      const base = canonicalDocument(
        JSON.stringify({ currenttrial: 1, data, questiondata: one, ...one }),
      )
      const next = canonicalDocument(
        JSON.stringify({ ...other, data: [...data, ...more], questiondata: one }),
      )

      assert.equal(applyDelta(base, deltaBetween(base, next)), documentText(next))
    }),
  )
})

test('the log of a growing document is no longer than the document', () => {
  const trial = { phase: 'TEST', rt: 512, hit: true }
  const document = (n: number) =>
    canonicalDocument(
      JSON.stringify({ currenttrial: n, data: Array.from({ length: n }, () => trial) }),
    )

  const delta = deltaBetween(document(500), document(501))

  assert.ok(delta.length < 200, `${delta.length} characters`)
})

test('ids are taken as they are, as long as the table can hold them', () => {
  const accepts = (ids: object): boolean => IdentityQuery.safeParse({ ...identity, ...ids }).success

  assert.ok(accepts({ workerId: `o'Brien "é😀" <b>` }))
  assert.ok(!accepts({ workerId: 'x'.repeat(10_000) }))
  assert.ok(!accepts({ workerId: 'x'.repeat(70), assignmentId: 'y'.repeat(70) }))
  assert.ok(!accepts({ hitId: 'a\0b' }))
  assert.deepEqual(firstOf({ a: ['1', '2'], b: 'x', c: 3 }), { a: '1', b: 'x' })
})
