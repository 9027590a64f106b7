import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { page, parseRange } from './range.ts'

test('every form that the CLI sends is read', () => {
  const read = (header: string) => {
    const { field, from, after, descending, max } = parseRange(header)
    return [field, from, after, descending, max]
  }

  assert.deepEqual(read(''), ['id', undefined, false, false, 200])
  assert.deepEqual(read('version ..; order=desc,max=1'), ['version', undefined, false, true, 1])
  assert.deepEqual(read('version ..; max=15, order=desc'), ['version', undefined, false, true, 15])
  assert.deepEqual(read('id ..; max=1000;'), ['id', undefined, false, false, 1000])
  assert.deepEqual(read('id ]01ab-cd..; max=200'), ['id', '01ab-cd', true, false, 200])
  assert.deepEqual(read('version ]7..; max=2, order=desc'), ['version', '7', true, true, 2])
})

test('a page size that is none is refused', () => {
  assert.throws(() => parseRange('id ..; max=0'), { code: 'range_invalid' })
  assert.throws(() => parseRange('id ..; max=many'), { code: 'range_invalid' })
})

test('following the next range visits every item once, in order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(500), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (versions, max, descending) => {
        const items = versions.map((version) => ({ version }))
        const seen: number[] = []
        let from: string | undefined
        do {
          const range = { field: 'version', from, after: from !== undefined, descending, max }
          const { items: chosen, next } = page(items, range)
          seen.push(...chosen.map((item) => item.version))
          from = next
        } while (from !== undefined)
        const sorted = versions.toSorted((a, b) => (descending ? b - a : a - b))
        assert.deepEqual(seen, sorted)
      },
    ),
  )
})
