import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from '../contract.ts'
import { backOffMs } from './back-off.ts'
import { batches } from './drain.ts'
import { drainPort, parseDrainUrl } from './drain-url.ts'
import { syslogFrames } from './syslog-frames.ts'

const record = (text: string, more: Partial<LogRecord> = {}): LogRecord => ({
  first: 1,
  count: text.split('\n').length - 1,
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 123) * 1000 + 456,
  source: 'app',
  process: 'web.1',
  text: Buffer.from(text),
  ...more,
})

test('each line becomes one frame whose length counts bytes', () => {
  const head = '<190>1 2026-01-02T03:04:05.123456+00:00 host app web.1 - '

  assert.equal(
    syslogFrames(record('né\n\n'), 'host').toString(),
    `${head.length + 3} ${head}né${head.length} ${head}`,
  )
})

test('router and platform lines have their own priorities', () => {
  const router = record('at=info\n', { source: 'heroku', process: 'router' })
  const platform = record('State changed\n', { source: 'heroku' })

  assert.match(
    syslogFrames(router, 'd.1').toString(),
    /^\d+ <158>1 \S+ d\.1 heroku router - at=info$/,
  )
  assert.match(
    syslogFrames(platform, 'd.1').toString(),
    /^\d+ <45>1 \S+ d\.1 heroku web\.1 - State/,
  )
})

test('drains lead to syslog or HTTP and nowhere else', () => {
  assert.equal(drainPort(parseDrainUrl('syslog://logs.example.com')), 514)
  assert.equal(drainPort(parseDrainUrl('syslog+tls://logs.example.com:1234')), 1234)
  assert.equal(drainPort(parseDrainUrl('https://user:pass@logs.example.com/x')), 443)
  for (const wrong of ['', 'logs.example.com', 'file:///etc/passwd', 'syslog://', 'ftp://a/b']) {
    assert.throws(() => parseDrainUrl(wrong), { code: 'invalid_params' }, wrong)
  }
})

test('attempts come further and further apart, but never more than 75 seconds', () => {
  const middle = (attempt: number): number => backOffMs(attempt, () => 0.5)

  assert.deepEqual([0, 1, 2, 6, 1000].map(middle), [1000, 2000, 4000, 60_000, 60_000])
  assert.equal(
    backOffMs(1000, () => 1),
    75_000,
  )
})

test('what is sent at once is bounded, and nothing is left out', () => {
  const records = [100_000, 100_000, 100_000, 300_000, 1].map((length) =>
    record(`${'x'.repeat(length)}\n`),
  )

  const sizes = [...batches(records)].map((batch) => batch.length)

  assert.deepEqual(sizes, [2, 1, 1, 1])
})
