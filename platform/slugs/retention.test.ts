import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Release, Slug } from '../store/index.ts'
import { expendableSlugs } from './retention.ts'

const slugs = Array.from({ length: 15 }, (_, i) => ({ id: `slug${i}` }) as Slug)
const release = (slugId: string, status: Release['status']) => ({ slugId, status }) as Release

test('the newest slugs stay, and older ones that are released, pending or running', () => {
  const releases = [
    release('slug0', 'succeeded'),
    release('slug1', 'succeeded'),
    release('slug2', 'pending'),
    release('slug14', 'failed'),
  ]

  const gone = expendableSlugs(slugs, releases, new Set(['slug3']))

  assert.deepEqual(
    gone.map((slug) => slug.id),
    ['slug0', 'slug4'],
  )
})
