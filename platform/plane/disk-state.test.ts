import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diskNotices, reserveStep } from './disk-state.ts'

const MB = 2 ** 20
const GB = 2 ** 30
const room = (bytes: number, files = 1e6) => ({ bytes, files })

test('space for the platform is put aside while there is plenty, and given up when none is left', () => {
  assert.equal(reserveStep(room(10 * GB), false), 'make')
  assert.equal(reserveStep(room(10 * GB), true), 'leave')
  assert.equal(reserveStep(room(1 * GB), true), 'leave')
  assert.equal(reserveStep(room(10 * MB), true), 'give up')
  assert.equal(reserveStep(room(80 * MB), false), 'leave')
})

test('the operator learns of a disk that fills, before and while it has effects', () => {
  assert.deepEqual(diskNotices('/srv', room(10 * GB)), [])
  assert.match(
    diskNotices('/srv', room(GB))[0] ?? '',
    /^The disk of \/srv has room for only 1\.1 GB/,
  )
  assert.match(diskNotices('/srv', room(GB))[0] ?? '', /will be refused/)
  assert.match(diskNotices('/srv', room(100 * MB))[0] ?? '', /are being stopped/)
  assert.match(diskNotices('/srv', room(10 * GB, 500))[0] ?? '', /only 500 files more/)
})
