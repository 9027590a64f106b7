import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTimezone } from '@hokku/kit/local-time'
import { nextRun } from './schedule.ts'

const next = (hour: number, timezone: string, after: string): string =>
  nextRun({ hour, timezone }, new Date(after)).toISOString()

test('a schedule runs at its hour, today or tomorrow', () => {
  assert.equal(next(2, 'UTC', '2026-11-21T01:59:00Z'), '2026-11-21T02:00:00.000Z')
  assert.equal(next(2, 'UTC', '2026-11-21T02:00:00Z'), '2026-11-22T02:00:00.000Z')
})

test('the hour is that of the time zone, also where zones end in half hours', () => {
  assert.equal(next(2, 'Europe/Berlin', '2026-07-01T12:00:00Z'), '2026-07-02T00:00:00.000Z')
  assert.equal(next(2, 'Asia/Kolkata', '2026-07-01T12:00:00Z'), '2026-07-01T20:30:00.000Z')
})

test('on the day that skips the hour it runs when the clocks have jumped', () => {
  assert.equal(next(2, 'Europe/Berlin', '2026-03-29T00:00:00Z'), '2026-03-29T01:00:00.000Z')
})

test('when an hour comes twice it runs once', () => {
  const first = next(2, 'Europe/Berlin', '2026-10-24T22:00:00Z')

  assert.equal(first, '2026-10-25T00:00:00.000Z')
  assert.equal(next(2, 'Europe/Berlin', first), '2026-10-26T01:00:00.000Z')
})

test('from any moment on, the next run comes within 26 hours and later runs follow', () => {
  const zones = fc.constantFrom('UTC', 'Europe/London', 'America/New_York', 'Australia/Lord_Howe')
  const moments = fc.date({
    min: new Date('2020-01-01'),
    max: new Date('2035-01-01'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 23 }), zones, moments, (hour, timezone, after) => {
      const run = nextRun({ hour, timezone }, after)
      const wait = run.getTime() - after.getTime()
      assert.ok(wait > 0 && wait <= 26 * 60 * 60_000)
      assert.ok(nextRun({ hour, timezone }, run).getTime() > run.getTime())
    }),
    { numRuns: 50 },
  )
})

test('only time zones that this machine knows are accepted', () => {
  assert.equal(isTimezone('Europe/Paris'), true)
  assert.equal(isTimezone('Mars/Olympus'), false)
})
