import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from './contract.ts'
import { plainLines, serverSentEvent, timestamp } from './line-format.ts'
import { withLossLine } from './log-batch.ts'
import { matches } from './log-filter.ts'
import { parseRouterLines } from './router-lines.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 123) * 1000 + 45
const record: LogRecord = {
  first: 7,
  count: 2,
  at: AT,
  source: 'app',
  process: 'web.1',
  text: Buffer.from('one\ntwo\rthree\n'),
}

test('times are written in microseconds with a numeric zone', () => {
  assert.equal(timestamp(AT), '2026-01-02T03:04:05.123045+00:00')
})

test('every line carries its time, source and process', () => {
  const head = '2026-01-02T03:04:05.123045+00:00 app[web.1]: '

  assert.equal(plainLines(record).toString(), `${head}one\n${head}two\rthree\n`)
})

test('an event has one data field a line and the number of its last line as id', () => {
  const head = 'data: 2026-01-02T03:04:05.123045+00:00 app[web.1]: '

  assert.equal(serverSentEvent(record).toString(), `id: 8\n${head}one\n${head}two three\n\n`)
})

test('a type takes all of its dynos, a dyno only itself', () => {
  assert.ok(matches(record, { dyno: 'web' }))
  assert.ok(matches(record, { dyno: 'web.1', source: 'app' }))
  assert.ok(!matches(record, { dyno: 'web.10' }))
  assert.ok(!matches({ ...record, process: 'webhook.1' }, { dyno: 'web' }))
  assert.ok(!matches(record, { source: 'heroku' }))
})

test('a reader that was too slow first sees how many lines it lost', () => {
  const batch = { records: [record], dropped: { count: 1234, since: AT, last: 6 } }

  const [loss, next] = withLossLine(batch, 'L11 (tail buffer overflow)')

  assert.equal(loss?.first, 6)
  assert.equal(
    loss?.text.toString(),
    'Error L11 (tail buffer overflow): 1234 messages dropped since 2026-01-02T03:04:05.123045+00:00.\n',
  )
  assert.equal(next, record)
})

test('router lines are read as far as they are complete, others are passed over', () => {
  const app = '01234567-89ab-cdef-0123-456789abcdef'
  const good = `${app}\t1767323045123045\tat=info path="/a\tb"\n`
  const bytes = Buffer.from(`nonsense\n${good}${app}\t17`)

  const { lines, consumed } = parseRouterLines(bytes, 100)

  assert.deepEqual(lines, [
    { appId: app, at: 1767323045123045, message: 'at=info path="/a\tb"', end: 109 + good.length },
  ])
  assert.equal(consumed, 9 + good.length)
})
