import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summaryLines, usedLines } from './summary.ts'

test('a push ends with what was found and how long each step took', () => {
  const layer = { digest: 'd', checksum: 'c' }
  const lines = summaryLines({
    titles: ['Python'],
    used: ['Python 3.12.1 (.python-version)'],
    hasCache: true,
    layers: [
      { ...layer, kind: 'dependencies', bytes: 5 * 1024 * 1024 },
      { ...layer, kind: 'app', bytes: 1024 * 1024 },
    ],
    source: 120,
    compile: 12_340,
    pack: 900,
  })

  assert.deepEqual(lines, [
    'Detected  Python',
    'Uses      Python 3.12.1 (.python-version)',
    'Source    0.1 s',
    'Build     12.3 s, with the cache of the last build',
    'Slug      0.9 s, dependencies 5.0M, app 1.0M',
  ])
})

test('what a buildpack leaves for the summary is shown without control characters', () => {
  assert.deepEqual(usedLines('node 24\n\u001b[31mred\n\n'), ['node 24', '[31mred'])
  assert.deepEqual(usedLines(null), [])
})
