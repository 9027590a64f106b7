import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { readQuery } from './query.ts'

const Query = z.object({
  user: z.string(),
  num: z.int(),
  items: z.array(z.string()).optional(),
})

test('numbers are taken for texts, decimals for integers, unknown fields are dropped', () => {
  const query = readQuery(Query, {
    user: 1,
    num: 4.7,
    items: ['a', 2, 12345678901234567890n],
    x: 1,
  })

  assert.deepEqual(query, { user: '1', num: 4, items: ['a', '2', '12345678901234567890'] })
})

test('a missing field is named in the words of PredictionIO', () => {
  assert.throws(() => readQuery(Query, { num: 4 }), {
    code: 'query_invalid',
    status: 400,
    message:
      'No usable value for user\nDid not find value which can be converted into java.lang.String',
  })
})

for (const json of [null, 5, [], 'x', { user: ['a'], num: 1 }, { user: 'a', num: '4' }]) {
  test(`${JSON.stringify(json)} is refused`, () => {
    assert.throws(() => readQuery(Query, json), { code: 'query_invalid' })
  })
}
