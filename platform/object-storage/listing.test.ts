import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { StoredObject } from './catalogue/index.ts'
import { listPage, type ReadObjects } from './listing.ts'

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const reader =
  (keys: readonly string[]): ReadObjects =>
  (from, isAfter, count) =>
    keys
      .filter((key) => (isAfter ? compare(key, from) > 0 : compare(key, from) >= 0))
      .slice(0, count)
      .map((key) => ({ key }) as StoredObject)

function listAll(keys: readonly string[], prefix: string, delimiter: string, max: number) {
  const found: string[] = []
  let pages = 0
  for (let after: string | undefined = ''; after !== undefined; pages++) {
    const page = listPage({ prefix, delimiter, after, max }, reader(keys))
    found.push(...page.objects.map(({ key }) => key), ...page.commonPrefixes)
    after = page.next
  }
  return { found, pages }
}

test('pages together hold every key once, and every common prefix once', () => {
  const part = fc.constantFrom('a', 'b', '/', 'c', 'é', '😀')
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: part, minLength: 1, maxLength: 6 })),
      fc.string({ unit: part, maxLength: 2 }),
      fc.constantFrom('', '/', 'b/'),
      fc.integer({ min: 1, max: 5 }),
      (unsorted, prefix, delimiter, max) => {
        const keys = unsorted.toSorted(compare)
        const expected = new Set(
          keys
            .filter((key) => key.startsWith(prefix))
            .map((key) => {
              const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
              return at < 0 ? key : key.slice(0, at + delimiter.length)
            }),
        )

        const { found, pages } = listAll(keys, prefix, delimiter, max)

        assert.deepEqual(found.toSorted(), [...expected].toSorted())
        assert.ok(pages <= Math.ceil(expected.size / max) + 1)
      },
    ),
  )
})

test('the last page says nothing of a next one', () => {
  const { next } = listPage({ prefix: '', delimiter: '', after: '', max: 2 }, reader(['a', 'b']))

  assert.equal(next, undefined)
})
