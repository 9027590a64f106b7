import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  decodeRecords,
  encodeHeader,
  newestLines,
  skipLines,
  type StoredRecord,
} from './log-record.ts'

const record = (
  first: number,
  lines: string[],
  more: Partial<StoredRecord> = {},
): StoredRecord => ({
  first,
  count: lines.length,
  at: 1_767_323_045_123_456,
  source: 'app',
  process: 'web.1',
  position: null,
  text: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  ...more,
})

const encode = (records: readonly StoredRecord[]): Buffer =>
  Buffer.concat(records.flatMap((one) => [Buffer.from(encodeHeader(one)), one.text]))

test('what is written is read again', () => {
  const records = [
    record(1, ['a', 'b'], { position: { output: 'web.1-abc', offset: 4 } }),
    record(3, [], { source: 'heroku', process: 'logplex' }),
    record(3, ['c c', '']),
  ]

  assert.deepEqual(decodeRecords(encode(records)).records, records)
})

test('cut anywhere, the records before the cut are read and the torn one is not', () => {
  const records = [record(1, ['first']), record(2, ['second', 'third']), record(4, ['fourth'])]
  const data = encode(records)
  fc.assert(
    fc.property(fc.nat(data.length), (length) => {
      const { records: found, bytes } = decodeRecords(data.subarray(0, length))

      assert.deepEqual(found, records.slice(0, found.length))
      assert.deepEqual(encode(found), data.subarray(0, bytes))
    }),
  )
})

test('no garbage is taken for a record', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeRecords(Buffer.from(bytes)), { records: [], bytes: 0 })
    }),
  )
})

test('the newest lines may start within a record', () => {
  const records = [record(1, ['a', 'b', 'c']), record(4, ['d'])]

  const newest = newestLines(records, 2)

  assert.deepEqual(newest, [record(3, ['c']), record(4, ['d'])])
  assert.deepEqual(skipLines(records[0] ?? record(1, []), 0), records[0])
})
