import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dyno, request, routedApp, say, testRouter } from './testing.ts'

/** Each of these could be two requests to one of two parsers, and one to the other. */
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: demo.localhost\r\n\r\n'
const post = (...headers: string[]): string =>
  ['POST /seen HTTP/1.1', 'Host: demo.localhost', ...headers, '', ''].join('\r\n')

const AMBIGUOUS: Record<string, string> = {
  'both lengths': `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${HIDDEN}`,
  'both, the other way round': `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${HIDDEN}`,
  'two lengths': `${post('Content-Length: 0', `Content-Length: ${HIDDEN.length}`)}${HIDDEN}`,
  'a list of lengths': `${post(`Content-Length: 0, ${HIDDEN.length}`)}${HIDDEN}`,
  'a signed length': `${post('Content-Length: +0')}${HIDDEN}`,
  'a length in hexadecimal': `${post('Content-Length: 0x0')}${HIDDEN}`,
  'a space before the colon': `${post('Content-Length : 5')}${HIDDEN}`,
  'a space before the coding': `${post('Transfer-Encoding : chunked')}0\r\n\r\n${HIDDEN}`,
  'another coding': `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${HIDDEN}`,
  'a coding after chunked': `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${HIDDEN}`,
  'two codings': `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: x')}0\r\n\r\n${HIDDEN}`,
  'a folded line': `${post('X: a\r\n Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${HIDDEN}`,
  'a bare carriage return': post('X: a\rTransfer-Encoding: chunked'),
  'a bare line feed': `POST /seen HTTP/1.1\nHost: demo.localhost\nContent-Length: 5\n\n0\r\n\r\n${HIDDEN}`,
  'a zero byte': post('X: a\0b'),
  'a chunk size that is no number': `${post('Transfer-Encoding: chunked')}0x5\r\nhello\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${post('Transfer-Encoding: chunked')}1\r\n${HIDDEN}0\r\n\r\n`,
  'two hosts': `GET /seen HTTP/1.1\r\nHost: demo.localhost\r\nHost: other.localhost\r\n\r\n${HIDDEN}`,
}

test('a request that can be read in two ways is read in none', async () => {
  await using router = await testRouter()
  const seen: string[] = []
  await using app = await dyno((incoming, response) => {
    seen.push(incoming.url ?? '')
    incoming.resume().on('end', () => response.end())
  })
  await router.publish(routedApp({ instances: [app.instance] }))

  for (const [name, text] of Object.entries(AMBIGUOUS)) {
    seen.length = 0
    const answers = await say(router.port, text)

    assert.doesNotMatch(answers, /HTTP\/1\.1 2/, name)
    assert.match(answers, /^(HTTP\/1\.1 (4\d\d|501) |$)/, name)
    assert.ok(!seen.includes('/hidden'), name)
  }
})

test('heads without end, and of too many bytes, are cut off', async () => {
  await using router = await testRouter()

  const long = await say(router.port, request('/', 'demo.localhost', `X: ${'x'.repeat(40_000)}`))
  const line = await say(router.port, request(`/${'x'.repeat(10_000)}`))
  const garbage = await say(router.port, '\x16\x03\x01\0\x05hello')

  assert.match(long, /^HTTP\/1\.1 431 /)
  assert.match(line, /^HTTP\/1\.1 414 /)
  assert.doesNotMatch(garbage, /HTTP\/1\.1 2/)
  assert.match(await say(router.port, request('/', 'nobody.localhost')), /^HTTP\/1\.1 404 /)
})

test('pipelined requests are answered in order, each by its own app', async () => {
  await using router = await testRouter()
  const served = (name: string) =>
    dyno((_, response) => void setTimeout(() => response.end(name), name === 'slow' ? 50 : 0), name)
  await using slow = await served('slow')
  await using quick = await served('quick')
  await router.publish(
    routedApp({ instances: [slow.instance] }),
    routedApp({
      id: 'app-2',
      name: 'other',
      hosts: ['other.localhost'],
      instances: [quick.instance],
    }),
  )
  const keep = (host: string): string => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`

  const answers = await say(
    router.port,
    keep('demo.localhost') + keep('other.localhost') + request('/', 'nobody.localhost'),
  )

  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+|slow|quick/g), [
    'HTTP/1.1 200',
    'slow',
    'HTTP/1.1 200',
    'quick',
    'HTTP/1.1 404',
  ])
})
