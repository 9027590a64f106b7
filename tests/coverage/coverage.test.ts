import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeLines } from './code-lines.ts'
import { coveredLines } from './lcov.ts'
import { byRoom, roomOf } from './room-coverage.ts'

test('types, comments and blank lines are not code', () => {
  const source = [
    'export type A = {',
    '  b: number',
    '}',
    '',
    '/** One. */',
    'export const one = 1',
  ]

  assert.deepEqual([...codeLines(source.join('\n'))], [6])
})

test('a line counts as covered if it ran at least once', () => {
  const report = 'SF:kit/a.ts\nDA:1,0\nDA:2,3\nend_of_record\nSF:kit/b.ts\nDA:1,1\nend_of_record\n'

  const files = coveredLines(report)

  assert.deepEqual([...(files.get('kit/a.ts') ?? [])], [2])
  assert.deepEqual([...(files.get('kit/b.ts') ?? [])], [1])
})

test('a file that no test loads lowers the coverage of its room', () => {
  const sources = [
    { path: 'kit/a.ts', lines: 10, covered: 10 },
    { path: 'kit/b.ts', lines: 30, covered: 0 },
    { path: 'kit/contract.ts', lines: 0, covered: 0 },
  ]

  const [kit] = byRoom(sources, [{ path: 'kit/a.test.ts', lines: 20 }])

  assert.deepEqual(kit, {
    room: 'kit',
    files: 2,
    unloaded: 1,
    lines: 40,
    covered: 10,
    testLines: 20,
  })
})

test('rooms are the folders of platform and frameworks, and the other top folders', () => {
  assert.equal(roomOf('platform/store/apps.ts'), 'platform/store')
  assert.equal(roomOf('kit/command-line/table.ts'), 'kit')
})
