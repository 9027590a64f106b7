import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { AppLog } from './app-log.ts'
import type { LogEntry } from './log-record.ts'

const HOUR = 3600 * 1_000_000
const DAY = 24 * HOUR

test('lines of more than a week are not shown, and go from the disk; the position stays', (t) => {
  const { log, folder, clock, reopen } = openLog(t, () => true)
  log().append([entry('old', clock.now, 100)])

  clock.now += 8 * DAY
  assert.deepEqual(log().newest(1500, {}), [])
  log().expire()
  reopen()

  assert.doesNotMatch(contents(folder), /old/)
  assert.equal(log().positionOf('output-1'), 100)
  assert.equal(log().next, 2)
})

test('a log that gets few lines keeps 1,500 of them over many days', (t) => {
  const { log, clock, folder } = openLog(t)

  for (let i = 0; i < 40; i++) {
    log().append([entry(`line ${i}`, clock.now, i)])
    clock.now += 3 * HOUR
  }

  assert.equal(log().newest(1500, {}).length, 40)
  assert.ok(readdirSync(join(folder, 'segments')).length > 3)
})

test('the position of an output that no one follows is forgotten after an hour', (t) => {
  const { log, clock, reopen } = openLog(t, (output) => output === 'output-2')
  log().append([entry('a', clock.now, 10, 'output-1'), entry('b', clock.now, 20, 'output-2')])

  clock.now += 2 * DAY
  log().write('heroku', 'web.1', 'starts another segment')
  reopen()

  assert.equal(log().positionOf('output-2'), 20)
  clock.now += 8 * DAY
  log().expire()
  reopen()
  assert.deepEqual([log().positionOf('output-1'), log().positionOf('output-2')], [0, 20])
})

test('numbers continue after a restart, even right after a new segment was begun', (t) => {
  const { log, clock, reopen } = openLog(t)
  log().append([entry('one\ntwo', clock.now, 1)])
  clock.now += 2 * DAY

  log().append([entry('three', clock.now, 2)])
  reopen()
  log().append([entry('four', clock.now, 3)])

  assert.deepEqual(
    log()
      .since(1)
      .map(({ first, text }) => [first, text.toString()]),
    [
      [1, 'one\ntwo\n'],
      [3, 'three\n'],
      [4, 'four\n'],
    ],
  )
})

function openLog(t: TestContext, isFollowed: (output: string) => boolean = () => false) {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-app-log-'))
  const clock = { now: Date.now() * 1000 }
  const open = (): AppLog => new AppLog(folder, { clock: () => clock.now, isFollowed })
  let log = open()
  t.after(() => {
    log.close()
    rmSync(folder, { recursive: true })
  })
  const reopen = (): void => {
    log.close()
    log = open()
  }
  return { folder, clock, log: () => log, reopen }
}

const entry = (text: string, at: number, offset: number, output = 'output-1'): LogEntry => ({
  at,
  source: 'app',
  process: 'web.1',
  text: Buffer.from(`${text}\n`),
  count: text.split('\n').length,
  position: { output, offset },
})

const contents = (folder: string): string =>
  readdirSync(join(folder, 'segments'))
    .map((name) => readFileSync(join(folder, 'segments', name), 'latin1'))
    .join('')
