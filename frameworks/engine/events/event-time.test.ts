import fc from 'fast-check'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime, parseTime } from './event-time.ts'

const WRITTEN_BACK: Readonly<Record<string, string>> = {
  '2004-12-13T21:39:45.618-07:00': '2004-12-13T21:39:45.618-07:00',
  '2004-12-13T21:39:45Z': '2004-12-13T21:39:45.000Z',
  '2004-12-13T21:39:45+0000': '2004-12-13T21:39:45.000Z',
  '2004-12-13T21:39:45+02': '2004-12-13T21:39:45.000+02:00',
  '2004-12-13T21:39:45.1234567+0530': '2004-12-13T21:39:45.123+05:30',
  '2014-9-9T1:02:03Z': '2014-09-09T01:02:03.000Z',
  '2016-02-29T00:00:00.5-00:30': '2016-02-29T00:00:00.500-00:30',
}

for (const [written, back] of Object.entries(WRITTEN_BACK)) {
  test(`${written} comes back as ${back}`, () => {
    const time = parseTime(written)

    assert.equal(time && formatTime(time), back)
  })
}

for (const text of [
  '2014-09-09',
  '2014-09-09 16:17:42Z',
  '2014-09-09T16:17:42',
  '2014-02-30T00:00:00Z',
  '2014-13-01T00:00:00Z',
  '2014-01-01T24:00:00Z',
  '2014-01-01T00:00:00+24:00',
  '0000-01-01T00:00:00Z',
  '1415000000',
  '',
]) {
  test(`"${text}" is no time`, () => {
    assert.equal(parseTime(text), undefined)
  })
}

test('every time that is written is read back the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9998, 0, 1) }),
      fc.integer({ min: -1439, max: 1439 }),
      (ms, offsetMinutes) => {
        assert.deepEqual(parseTime(formatTime({ ms, offsetMinutes })), { ms, offsetMinutes })
      },
    ),
  )
})
