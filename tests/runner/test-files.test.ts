import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matching, unmatched } from './test-files.ts'

const files = {
  test: ['kit/html.test.ts'],
  system: ['platform/git/push.system.ts'],
  slow: ['tests/stories/walk.slow.ts'],
}

test('a file runs if its path contains one of the patterns', () => {
  assert.deepEqual(matching(['a/b.test.ts', 'c.test.ts'], ['b', 'd']), ['a/b.test.ts'])
  assert.deepEqual(matching(['a/b.test.ts', 'c.test.ts'], []), ['a/b.test.ts', 'c.test.ts'])
})

test('a pattern that matches nothing is named, though another one matches', () => {
  const complaints = unmatched(files, ['test', 'system'], ['html', 'nosuch'])

  assert.equal(complaints.length, 1)
  assert.match(complaints[0] ?? '', /"nosuch"/)
})

test('a pattern that other kinds of tests match says which option brings them', () => {
  assert.match(unmatched(files, ['test', 'system'], ['walk'])[0] ?? '', /add --all/)
  assert.match(unmatched(files, ['test'], ['push'])[0] ?? '', /leave out --unit/)
})
