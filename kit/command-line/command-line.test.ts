import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressLine } from './progress.ts'
import { table } from './table.ts'

test('columns line up, regardless of their color, and lines have no trailing blanks', () => {
  const rows = [
    ['a', 'b'],
    ['\u001B[32mlong\u001B[39m', 'c', ''],
  ]

  assert.equal(table(rows), 'a     b\n\u001B[32mlong\u001B[39m  c')
})

test('progress shows share, count, rate and time left', () => {
  const line = progressLine('Importing', 1500, 2000, 1000)

  assert.match(line, /^Importing \[#{23} {7}\] {2}75%  1,500\/2,000  1,500\/s  1 s left$/)
})
