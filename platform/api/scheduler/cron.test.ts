import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localMinutes, matches, nameOf, parseSchedule } from './cron.ts'

/** Minutes of a UTC day at which a schedule runs in a zone, as `HH:MM` of UTC. */
function runs(schedule: string, day: string, timezone = 'UTC'): string[] {
  const parsed = parseSchedule(schedule)
  assert.ok(typeof parsed !== 'string', schedule)
  const times: string[] = []
  let last = ''
  for (let i = 0; i < 24 * 60; i++) {
    const at = new Date(Date.parse(`${day}T00:00:00Z`) + i * 60_000)
    for (const minute of localMinutes(at, timezone)) {
      if (!matches(parsed.cron, minute) || nameOf(minute) <= last) continue
      last = nameOf(minute)
      times.push(at.toISOString().slice(11, 16))
    }
  }
  return times
}

test("Heroku's three intervals", () => {
  assert.equal(runs('every 10 minutes', '2026-03-02').length, 144)
  assert.deepEqual(runs('hourly at :20', '2026-03-02').slice(0, 2), ['00:20', '01:20'])
  assert.deepEqual(runs('daily at 02:30', '2026-03-02'), ['02:30'])
})

test('fields of cron: lists, ranges, steps and names', () => {
  assert.deepEqual(runs('0,30 9-10 * * *', '2026-03-02'), ['09:00', '09:30', '10:00', '10:30'])
  assert.deepEqual(runs('5-59/25 1 * * *', '2026-03-02'), ['01:05', '01:30', '01:55'])
  // 2 March 2026 is a Monday.
  assert.deepEqual(runs('0 7 * mar mon', '2026-03-02'), ['07:00'])
  assert.deepEqual(runs('0 7 * * 7', '2026-03-01'), ['07:00'])
  assert.deepEqual(runs('0 7 * * 2-6', '2026-03-02'), [])
  assert.deepEqual(runs('0 7 15 * mon', '2026-03-02'), ['07:00'])
})

test('a job of a missing hour runs once when the hour is over', () => {
  // In Berlin clocks go from 02:00 to 03:00 at 01:00 UTC.
  assert.deepEqual(runs('30 2 * * *', '2026-03-29', 'Europe/Berlin'), ['01:00'])
})

test('a job of an hour that comes twice runs once', () => {
  assert.deepEqual(runs('30 2 * * *', '2026-10-25', 'Europe/Berlin'), ['00:30'])
})

test('what is no schedule is refused with what one looks like', () => {
  for (const text of [
    '',
    'often',
    '* * * *',
    '60 * * * *',
    '5-1 * * * *',
    '*/0 * * * *',
    'x * * * *',
  ]) {
    assert.equal(typeof parseSchedule(text), 'string', text)
  }
})
