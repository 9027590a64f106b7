import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problem } from '../problems.ts'
import { FailureLog } from './failure-log.ts'

const away = () =>
  problem('event_not_stored', 'Not stored.', { cause: new Error('connection refused') })

test('an outage is logged once a second, regardless of the number of requests that it fails', () => {
  const lines: string[] = []
  const failures = new FailureLog((line) => lines.push(line))

  for (const nowMs of [0, 1, 999, 1000, 1500, 2000]) failures.logged(away(), nowMs)

  assert.deepEqual(lines, Array(3).fill('Not stored. Error: connection refused'))
})

test('what a client did wrong is not logged, and every error is given back', () => {
  const lines: string[] = []
  const failures = new FailureLog((line) => lines.push(line))
  const wrong = problem('event_invalid', 'No event.')

  assert.equal(failures.logged(wrong), wrong)
  assert.deepEqual(lines, [])
})
