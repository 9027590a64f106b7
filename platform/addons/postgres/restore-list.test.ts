import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { planRestore } from './restore-list.ts'

const AVAILABLE = [
  { name: 'hstore', trusted: true },
  { name: 'pg_stat_statements', trusted: false },
  { name: 'file_fdw', trusted: false },
]

const LIST = `;
; Archive created at 2026-11-21 06:00:00 UTC
;     Dump Version: 1.14-0
;
5; 2615 2200 SCHEMA - public postgres
3402; 0 0 COMMENT - SCHEMA public postgres
2; 3079 16385 EXTENSION - hstore
3403; 0 0 COMMENT - EXTENSION hstore
3; 3079 16390 EXTENSION - pg_stat_statements
4; 3079 16391 EXTENSION - file_fdw
6; 3079 16392 EXTENSION - postgis
7; 3079 12345 EXTENSION - plpgsql
215; 1259 16399 TABLE public orders ann
3396; 0 16399 TABLE DATA public orders ann
3250; 3466 16500 EVENT TRIGGER - audit ann
3251; 6104 16501 PUBLICATION - everything ann
`

test('everything that holds data is kept, in order', () => {
  const { list } = planRestore(LIST, AVAILABLE)

  assert.match(list, /TABLE public orders ann\n3396; 0 16399 TABLE DATA public orders ann/)
})

test('trusted extensions are restored, harmless ones made beforehand, others left out and reported', () => {
  const { list, create, skipped } = planRestore(LIST, AVAILABLE)

  assert.match(list, /EXTENSION - hstore/)
  assert.deepEqual(create, ['pg_stat_statements'])
  assert.deepEqual(skipped, [
    'EXTENSION file_fdw',
    'EXTENSION postgis',
    'EVENT TRIGGER audit',
    'PUBLICATION everything',
  ])
})

test('what every database has is left out without a word', () => {
  const { list, skipped } = planRestore(LIST, AVAILABLE)

  assert.doesNotMatch(list, /SCHEMA - public|COMMENT - (SCHEMA|EXTENSION)|plpgsql/)
  assert.ok(!skipped.some((entry) => /public|plpgsql|COMMENT/.test(entry)))
})

test('lines that it does not know are kept as they are', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { list } = planRestore(`; ${text.replaceAll('\n', ' ')}`, AVAILABLE)
      assert.equal(list, `; ${text.replaceAll('\n', ' ')}`)
    }),
  )
})
