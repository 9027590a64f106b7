import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalRequest, EMPTY_SHA256, sign, signingKey, stringToSign } from './signature-v4.ts'

/** The worked example of Amazon's manual, "GET Object". */
const scope = { date: '20130524', region: 'us-east-1', service: 's3' }
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

test("the signature of the manual's example request comes out", () => {
  const canonical = canonicalRequest({
    method: 'GET',
    path: '/test.txt',
    query: '',
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': EMPTY_SHA256,
      'x-amz-date': '20130524T000000Z',
    },
    signedHeaders: ['host', 'range', 'x-amz-content-sha256', 'x-amz-date'],
    payloadHash: EMPTY_SHA256,
  })

  const signature = sign(
    signingKey(secret, scope),
    stringToSign('20130524T000000Z', scope, canonical),
  )

  assert.equal(signature, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
})

test('queries are sorted and encoded the same way regardless of what the client left bare', () => {
  const of = (query: string): string | undefined =>
    canonicalRequest({
      method: 'GET',
      path: '/',
      query,
      headers: {},
      signedHeaders: [],
      payloadHash: '',
    }).split('\n')[2]

  assert.equal(of('prefix=a/b&acl&max-keys=2'), 'acl=&max-keys=2&prefix=a%2Fb')
  assert.equal(of('b=2&a=%7E&a=*'), 'a=%2A&a=~&b=2')
})
