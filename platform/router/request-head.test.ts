import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { requestHead, type RequestHead } from './request-head.ts'

const ARRIVAL = { address: '::ffff:203.0.113.7', secure: false, port: 8080 }
const ID = '01234567-89ab-cdef-0123-456789abcdef'

const read = (rawHeaders: readonly string[], url = '/', upgrade = false) =>
  requestHead(
    { method: 'GET', url, httpVersion: '1.1', rawHeaders },
    ARRIVAL,
    1700,
    () => ID,
    upgrade,
  )

function good(rawHeaders: readonly string[], url = '/', upgrade = false): RequestHead {
  const head = read(rawHeaders, url, upgrade)
  assert.ok('text' in head, JSON.stringify(head))
  return head
}

const statusOf = (rawHeaders: readonly string[], url = '/'): number => {
  const head = read(rawHeaders, url)
  return 'status' in head ? head.status : 200
}

const HOST = ['Host', 'demo.localhost:8080'] as const

test('the app gets the headers as they came, and who asked, how and when', () => {
  const { text, host } = good([...HOST, 'Cookie', 'a=1', 'cookie', 'b=2'], '/a?b=c')

  assert.equal(host, 'demo.localhost')
  assert.deepEqual(text.split('\r\n'), [
    'GET /a?b=c HTTP/1.1',
    'Host: demo.localhost:8080',
    'Cookie: a=1',
    'cookie: b=2',
    `X-Request-Id: ${ID}`,
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Port: 8080',
    'X-Request-Start: 1700',
    'Via: 1.1 hokku',
    '',
    '',
  ])
})

test('the client is appended to those that it forwards for; the rest of what it claims is replaced', () => {
  const { text, forwardedFor } = good([
    ...HOST,
    'X-Forwarded-For',
    '198.51.100.1',
    'x-forwarded-for',
    '198.51.100.2',
    'X-Forwarded-Proto',
    'https',
    'X_Forwarded_Proto',
    'https',
    'X-Request-Start',
    '1',
    'Via',
    '1.0 other',
    'Proxy',
    'http://evil',
  ])

  assert.equal(forwardedFor, '198.51.100.1, 198.51.100.2, 203.0.113.7')
  assert.match(text, /\r\nVia: 1\.0 other, 1\.1 hokku\r\n/)
  assert.doesNotMatch(text, /https|evil|Start: 1\r\n/)
})

test('a client cannot say where links of the app lead, under any spelling of the names', () => {
  const names = ['X-Forwarded-Host', 'Forwarded', 'X_Forwarded_Host', 'X-Forwarded-Prefix']
  const lengths = ['Content_Length', 'Transfer_Encoding', 'X-Original-URL', 'X-Rewrite-URL']
  const { text } = good([...HOST, ...[...names, ...lengths].flatMap((name) => [name, 'evil'])])

  assert.doesNotMatch(text, /evil/)
  assert.match(good([...HOST, 'Api_Key', 'mine']).text, /Api_Key: mine/)
})

test('headers of the connection stay here, also those that the client names as such', () => {
  const { text } = good([
    ...HOST,
    'Connection',
    'close, X-Secret',
    'X-Secret',
    '1',
    'Keep-Alive',
    '5',
    'TE',
    'gzip',
    'Proxy-Connection',
    'x',
    'Upgrade',
    'h2c',
    'HTTP2-Settings',
    'x',
  ])

  assert.doesNotMatch(text, /Connection|Secret|Keep|TE:|Upgrade|HTTP2/)
})

test('an id that looks like one is kept', () => {
  const id = 'a-request-id-of-20-chars-or-more'

  assert.equal(good([...HOST, 'X-Request-ID', id]).requestId, id)
  assert.equal(good([...HOST, 'X-Request-ID', 'short']).requestId, ID)
  assert.equal(good([...HOST, 'X-Request-ID', `${id}"\t`]).requestId, ID)
})

test('an upgrade says so to the app', () => {
  const { text } = good([...HOST, 'Connection', 'Upgrade', 'Upgrade', 'websocket'], '/', true)

  assert.match(text, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/)
})

test('a target with its own host goes by that', () => {
  assert.equal(good(HOST, 'http://other.localhost:1/a?b').host, 'other.localhost')
  assert.match(good(HOST, 'http://other.localhost:1/a?b').text, /^GET \/a\?b HTTP/)
  assert.match(good(HOST, 'http://other.localhost?b').text, /^GET \/\?b HTTP/)
  assert.equal(statusOf(HOST, 'nonsense'), 400)
  assert.equal(statusOf(HOST, 'http://a b/'), 400)
})

test('what could end somewhere else for the app than for us is refused', () => {
  const chunked = ['Transfer-Encoding', 'chunked'] as const

  assert.equal(statusOf([...HOST, 'Content-Length', '5', ...chunked]), 400)
  assert.equal(statusOf([...HOST, 'Content-Length', '5', 'content-length', '5']), 400)
  assert.equal(statusOf([...HOST, 'Content-Length', '5, 5']), 400)
  assert.equal(statusOf([...HOST, 'Content-Length', '-1']), 400)
  assert.equal(statusOf([...HOST, ...chunked, ...chunked]), 400)
  assert.equal(statusOf([...HOST, 'Transfer-Encoding', 'gzip, chunked']), 501)
  assert.equal(statusOf([...HOST, 'Transfer-Encoding', '']), 501)
  assert.equal(statusOf([...HOST, ...HOST]), 400)
})

test('what is too long, unclear or expected in vain is refused', () => {
  assert.equal(statusOf(HOST, `/${'x'.repeat(9000)}`), 414)
  assert.equal(statusOf([...HOST, 'X-Long', 'x'.repeat(9000)]), 431)
  assert.equal(statusOf([...HOST, 'Expect', 'miracles']), 417)
  assert.equal(statusOf([]), 400)
  assert.equal(statusOf(['Host', 'a b']), 400)
  assert.equal(statusOf(['Host', '']), 400)
})

test('no header of a client can add a line that the client did not send', () => {
  const value = fc.stringMatching(/^[\t -~\x80-\xff]{0,40}$/)
  const name = fc.stringMatching(/^[!#$%&'*+.^`|~\w-]{1,20}$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (pairs) => {
      const head = read([...HOST, ...pairs.flat()])
      if (!('text' in head)) return
      const lines = head.text.split('\r\n')

      assert.ok(lines.length <= pairs.length + 2 + ADDED)
      for (const own of [
        'X-Forwarded-Proto',
        'X-Forwarded-Port',
        'X-Request-Start',
        'X-Forwarded-For',
      ]) {
        const same = lines.filter((line) => line.toLowerCase().startsWith(`${own.toLowerCase()}:`))
        assert.equal(same.length, 1)
      }
    }),
  )
})

/** Six lines of the router's own and the two ends of lines after them, plus a transfer coding. */
const ADDED = 9
