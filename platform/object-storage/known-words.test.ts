import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkExpectedOwner, refuseUnknownWords } from './known-words.ts'

const check = (operation: string, query: string, headers: Record<string, string> = {}): void =>
  refuseUnknownWords(operation, { query: new URLSearchParams(query), headers })

test('a word that is not known is refused by name, on every operation', () => {
  assert.throws(() => check('PUT object', 'append&position=8'), /\?append is not supported/)
  assert.throws(() => check('DELETE object', 'annotation'), /\?annotation/)
  assert.throws(() => check('GET bucket', 'ownershipControls'), /\?ownershipControls/)
  assert.throws(
    () => check('PUT object', '', { 'x-amz-write-offset-bytes': '3' }),
    /x-amz-write-offset-bytes/,
  )
  assert.throws(
    () => check('DELETE object', '', { 'x-amz-if-match-size': '3' }),
    /x-amz-if-match-size/,
  )
})

test('what clients send with everything passes', () => {
  check('GET bucket', 'list-type=2&prefix=a&x-id=ListObjectsV2&encoding-type=url')
  check('GET object', 'response-content-type=text/plain&X-Amz-Signature=ab&X-Amz-Date=x')
  check('PUT object', 'x-id=PutObject', {
    'x-amz-meta-colour': 'red',
    'x-amz-checksum-crc32': 'AAAAAA==',
    'x-amz-sdk-checksum-algorithm': 'CRC32',
    'content-type': 'text/plain',
  })
  check('PUT object copy', '', { 'x-amz-copy-source': 'a/b', 'x-amz-metadata-directive': 'COPY' })
})

test('a bucket of another owner than expected is not touched', () => {
  checkExpectedOwner('mine', { 'x-amz-expected-bucket-owner': 'mine' })
  assert.throws(
    () => checkExpectedOwner('mine', { 'x-amz-expected-bucket-owner': '123456789012' }),
    /Access Denied/,
  )
})
