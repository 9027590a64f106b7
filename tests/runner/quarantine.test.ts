import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { judge, readQuarantine } from './quarantine.ts'
import { ROOT } from './test-files.ts'

test('the quarantine of this repository names files that exist', () => {
  assert.ok(Array.isArray(readQuarantine()))
})

test('an entry without its file or without a reason is refused by name', () => {
  const text = JSON.stringify([
    { file: 'gone.system.ts', reason: 'waits for a port' },
    { file: 'here.system.ts', reason: ' ' },
    { file: 'here.system.ts', reason: 'known' },
  ])

  assert.throws(
    () => readQuarantine(text, (file) => file === 'here.system.ts'),
    (error: Error) => /gone/.test(error.message) && error.message.split('\n').length === 3,
  )
})

test('only files in quarantine may fail', () => {
  const failures = ['b.system.ts', 'a.system.ts'].map((file) => join(ROOT, file))

  const verdict = judge(failures, [{ file: 'a.system.ts', reason: 'known' }])

  assert.deepEqual(verdict, { failed: ['b.system.ts'], excused: ['a.system.ts'] })
})
