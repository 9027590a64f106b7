import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRead, checkWrite } from './conditions.ts'
import { parseRange } from './range.ts'

const present = { etag: 'abc', modifiedAt: new Date('2026-11-21T05:00:00.700Z') }
const BEFORE = 'Sat, 21 Nov 2026 04:59:59 GMT'
const AT = 'Sat, 21 Nov 2026 05:00:00 GMT'

test('an object that the client has already is not sent again', () => {
  assert.equal(checkRead({ 'if-none-match': '"abc"' }, present), 'unchanged')
  assert.equal(checkRead({ 'if-none-match': '"x", W/"abc"' }, present), 'unchanged')
  assert.equal(checkRead({ 'if-none-match': '"x"' }, present), 'send')
  assert.equal(checkRead({ 'if-modified-since': AT }, present), 'unchanged')
  assert.equal(checkRead({ 'if-modified-since': BEFORE }, present), 'send')
  assert.equal(checkRead({ 'if-none-match': '"x"', 'if-modified-since': AT }, present), 'send')
})

test('an object that changed is refused to who asked for the old one', () => {
  const refused = { code: 'precondition_failed' }
  assert.throws(() => checkRead({ 'if-match': '"x"' }, present), refused)
  assert.throws(() => checkRead({ 'if-unmodified-since': BEFORE }, present), refused)
  assert.equal(checkRead({ 'if-unmodified-since': AT }, present), 'send')
  assert.equal(checkRead({ 'if-match': 'abc', 'if-unmodified-since': BEFORE }, present), 'send')
})

test('conditional writes make only new objects, or replace only known ones', () => {
  assert.doesNotThrow(() => checkWrite({ 'if-none-match': '*' }, undefined))
  assert.throws(() => checkWrite({ 'if-none-match': '*' }, present), {
    code: 'precondition_failed',
  })
  assert.doesNotThrow(() => checkWrite({ 'if-match': '"abc"' }, present))
  assert.throws(() => checkWrite({ 'if-match': '"x"' }, present), { code: 'precondition_failed' })
  assert.throws(() => checkWrite({ 'if-match': '"x"' }, undefined), { code: 'key_not_found' })
})

test('ranges count from the front, from the back and to the end', () => {
  assert.deepEqual(parseRange('bytes=0-9', 100), { start: 0, end: 10 })
  assert.deepEqual(parseRange('bytes=90-', 100), { start: 90, end: 100 })
  assert.deepEqual(parseRange('bytes=-10', 100), { start: 90, end: 100 })
  assert.deepEqual(parseRange('bytes=50-1000', 100), { start: 50, end: 100 })
  assert.deepEqual(parseRange('bytes=-1000', 100), { start: 0, end: 100 })
})

test('what is not a single range means all of it; one behind the end is refused', () => {
  for (const header of [undefined, 'bytes=-', 'lines=1-2', 'bytes=5-2', 'bytes=0-1,3-4']) {
    assert.equal(parseRange(header, 100), undefined)
  }
  for (const header of ['bytes=100-', 'bytes=-0']) {
    assert.throws(() => parseRange(header, 100), { code: 'invalid_range' })
  }
  assert.throws(() => parseRange('bytes=0-0', 0), { code: 'invalid_range' })
})
