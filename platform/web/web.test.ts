import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts } from './attempts.ts'
import { ageInWords } from './static/ages.js'
import { parseLine } from './static/log-line.js'

test('ten failures in ten minutes bar an address, and no other', () => {
  let now = 0
  const attempts = new Attempts(() => now)

  for (let i = 0; i < 9; i++) attempts.failed('10.0.0.1')
  assert.equal(attempts.isBarred('10.0.0.1'), false)
  attempts.failed('10.0.0.1')

  assert.equal(attempts.isBarred('10.0.0.1'), true)
  assert.equal(attempts.isBarred('10.0.0.2'), false)
  now += 11 * 60_000
  assert.equal(attempts.isBarred('10.0.0.1'), false)
})

test('a success forgets the failures before it', () => {
  const attempts = new Attempts(() => 0)
  for (let i = 0; i < 10; i++) attempts.failed('10.0.0.1')

  attempts.succeeded('10.0.0.1')

  assert.equal(attempts.isBarred('10.0.0.1'), false)
})

test('ages are shown in the largest unit that fits', () => {
  assert.deepEqual([0, 90_000, 3 * 3_600_000, 72 * 3_600_000].map(ageInWords), [
    'just now',
    '1 min ago',
    '3 h ago',
    '3 days ago',
  ])
})

test('a line of the log is taken apart, without the colors of a terminal', () => {
  const head = '2026-01-02T03:04:05.123456+00:00'

  assert.deepEqual(parseLine(`${head} app[web.1]: \u001B[32mok\u001B[0m [1]: x`), {
    time: head,
    process: 'web.1',
    message: 'ok [1]: x',
    kind: 'app',
    isBad: false,
  })
  assert.equal(parseLine(`${head} heroku[router]: at=error code=H12`).isBad, true)
  assert.equal(parseLine(`${head} heroku[worker.1]: State changed from up to crashed`).isBad, true)
  assert.equal(parseLine(`${head} app[web.1]: at=error`).isBad, false)
  assert.equal(parseLine('anything').message, 'anything')
})
