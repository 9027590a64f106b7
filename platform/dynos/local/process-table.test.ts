import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  descendants,
  findProcess,
  parsePs,
  parseStat,
  processTable,
  termTargets,
  type ProcessEntry,
} from './process-table.ts'

const entry = (pid: number, parent: number): ProcessEntry => ({
  pid,
  parent,
  session: 1,
  start: '1',
  zombie: false,
})

test('a process whose name holds spaces and parentheses is read right', () => {
  const stat =
    '42 (web) 1 (x) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 0 0 18446744073709551615'

  const process = parseStat(stat)

  assert.deepEqual(process, { pid: 42, parent: 7, session: 42, start: '98765', zombie: false })
})

test('a line of ps is read where there is no /proc', () => {
  const line = '  42     7   42 Ss   Fri Nov 20 10:00:01 2026'

  assert.deepEqual(parsePs(line), {
    pid: 42,
    parent: 7,
    session: 42,
    zombie: false,
    start: 'Fri Nov 20 10:00:01 2026',
  })
})

test('the running process finds itself in the table', () => {
  const own = findProcess(process.pid)

  assert.ok(own !== undefined && own.parent === process.ppid)
  assert.ok(processTable().some(({ pid, start }) => pid === own.pid && start === own.start))
})

test('descendants come nearest first, with their distance', () => {
  const table = [entry(2, 1), entry(3, 2), entry(4, 2), entry(5, 4), entry(9, 8)]

  const found = descendants(table, 2).map(({ process, depth }) => [process.pid, depth])

  assert.deepEqual(found, [
    [3, 1],
    [4, 1],
    [5, 2],
  ])
})

test('npm gets no signal to stop: it would pass the signal on, and the app would get two', () => {
  const titles: Record<number, string> = {
    3: 'npm start',
    4: 'sh -c node web.js',
    5: 'node web.js',
  }

  const targets = termTargets([entry(3, 2), entry(4, 3), entry(5, 4)], (pid) => titles[pid] ?? '')

  assert.deepEqual(targets, [4, 5])
})

test('npm without a child gets the signal like any program', () => {
  assert.deepEqual(
    termTargets([entry(3, 2)], () => 'npm start'),
    [3],
  )
})
