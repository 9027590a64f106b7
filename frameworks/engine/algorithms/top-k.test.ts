import fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topK } from './top-k.ts'

test('the best rows are those that sorting everything would find, ties by index', () => {
  const small = fc.integer({ min: -3, max: 3 })
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 9 })
        .chain((rank) =>
          fc.tuple(
            fc.array(small, { minLength: rank, maxLength: rank }),
            fc.array(fc.array(small, { minLength: rank, maxLength: rank }), { maxLength: 40 }),
          ),
        ),
      fc.integer({ min: 0, max: 12 }),
      ([query, rows], count) => {
        const isAllowed = (index: number) => index % 3 !== 0

        const found = topK(
          Float32Array.from(query),
          Float32Array.from(rows.flat()),
          count,
          isAllowed,
        )

        const expected = rows
          .map((row, index) => ({
            index,
            score: row.reduce((sum, value, at) => sum + value * (query[at] ?? 0), 0),
          }))
          .filter(({ index }) => isAllowed(index))
          .toSorted((a, b) => b.score - a.score || a.index - b.index)
          .slice(0, count)
        assert.deepEqual(
          found.map(({ index }) => index),
          expected.map(({ index }) => index),
        )
      },
    ),
  )
})
