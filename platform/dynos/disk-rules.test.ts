import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeDisk, largestWriter } from './disk-rules.ts'

const MB = 2 ** 20
const limits = { diskMb: 100, filesMax: 1000 }

test('a dyno is warned above its quota, and stopped above one and a half', () => {
  assert.equal(judgeDisk({ bytes: 100 * MB, files: 10 }, limits), 'ok')
  assert.equal(judgeDisk({ bytes: 101 * MB, files: 10 }, limits), 'warn')
  assert.equal(judgeDisk({ bytes: 151 * MB, files: 10 }, limits), 'stop')
})

test('many small files count as much as a few large ones', () => {
  assert.equal(judgeDisk({ bytes: 0, files: 1001 }, limits), 'warn')
  assert.equal(judgeDisk({ bytes: 0, files: 1501 }, limits), 'stop')
})

test('on a disk that is nearly full the largest writer is stopped, if that helps', () => {
  const uses = new Map([
    ['small', { bytes: 200 * MB, files: 90_000 }],
    ['large', { bytes: 900 * MB, files: 20 }],
  ])
  const plenty = { bytes: 10_000 * MB, files: 1e6 }

  assert.equal(largestWriter(uses, plenty), undefined)
  assert.equal(largestWriter(uses, { ...plenty, bytes: 100 * MB }), 'large')
  assert.equal(largestWriter(uses, { ...plenty, files: 100 }), 'small')
  assert.equal(
    largestWriter(new Map([['tiny', { bytes: 5, files: 5 }]]), { bytes: 0, files: 0 }),
    undefined,
  )
})
