import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameBranches } from './advertise.ts'
import { FLUSH, pktLine } from './pkt-line.ts'

const NONE = '0'.repeat(40)

test('an empty repository offers the branches that deploy', () => {
  const empty = Buffer.concat([
    pktLine(`${NONE} capabilities^{}\0report-status side-band-64k\n`),
    FLUSH,
  ])

  assert.equal(
    Buffer.from(nameBranches(empty)).toString(),
    [
      pktLine(`${NONE} refs/heads/main\0report-status side-band-64k\n`),
      pktLine(`${NONE} refs/heads/master\n`),
      '0000',
    ].join(''),
  )
})

test('a repository with branches is left as it is', () => {
  const lines = Buffer.concat([
    pktLine(`${'a'.repeat(40)} refs/heads/main\0report-status\n`),
    FLUSH,
  ])

  assert.deepEqual(Buffer.from(nameBranches(lines)), lines)
})
