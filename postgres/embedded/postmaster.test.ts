import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePostmasterFile } from './postmaster.ts'

const FILE = `4711
/srv/hokku/postgres/data
1790000000
15433
/srv/hokku/postgres/socket
127.0.0.1
  1234567     32768
ready   
`

test('the lock file holds process, start time and port', () => {
  const server = parsePostmasterFile(FILE)

  assert.deepEqual(server, { pid: 4711, startedAt: 1_790_000_000, port: 15_433, ready: true })
})

test('a server that starts or stops is not ready', () => {
  for (const status of ['starting', 'stopping']) {
    assert.equal(parsePostmasterFile(FILE.replace('ready   ', status))?.ready, false)
  }
})

test('an empty or half-written lock file is nothing', () => {
  for (const text of ['', '4711\n', '4711\n/srv\n', 'x\ny\nz\nw\n']) {
    assert.equal(parsePostmasterFile(text), undefined)
  }
})
