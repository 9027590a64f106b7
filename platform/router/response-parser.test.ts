import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedResponse, ResponseParser } from './response-parser.ts'

type Seen = {
  interim: number[]
  status: number
  headers: readonly string[]
  body: string
  trailers: readonly string[]
  ended: boolean
}

/** Feeds the pieces of one answer, then closes the connection. */
function parse(pieces: readonly (string | Buffer)[], method = 'GET') {
  const seen: Seen = { interim: [], status: 0, headers: [], body: '', trailers: [], ended: false }
  const add = (chunk: Uint8Array): void => void (seen.body += Buffer.from(chunk).toString('latin1'))
  const parser = new ResponseParser({
    interim: ({ status }) => seen.interim.push(status),
    head: ({ status, headers }) => Object.assign(seen, { status, headers }),
    body: add,
    end: (last, trailers) => {
      if (last !== undefined) add(last)
      Object.assign(seen, { trailers, ended: true })
    },
  })
  parser.start(method)
  for (const piece of pieces) parser.push(Buffer.from(piece as string, 'latin1'))
  const close = parser.close()
  return { ...seen, close }
}

const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n`

test('a body of known length ends with it', () => {
  const seen = parse([
    lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Set-Cookie: a', 'Set-Cookie: b', ''),
    'hello',
  ])

  assert.deepEqual([seen.status, seen.body, seen.ended], [200, 'hello', true])
  assert.deepEqual(seen.headers, ['Content-Length', '5', 'Set-Cookie', 'a', 'Set-Cookie', 'b'])
})

test('a chunked body ends with its trailers, extensions are ignored', () => {
  const head = lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '')
  const body = lines('5;a=b', 'hello', 'A', ' and world', '0', 'X-Sum: 1', 'Content-Length: 9', '')

  const seen = parse([head + body])

  assert.equal(seen.body, 'hello and world')
  assert.deepEqual(seen.trailers, ['X-Sum', '1'])
  assert.equal(seen.headers.length, 0)
})

test('answers to HEAD, and those with 204 or 304, have no body, even if they announce one', () => {
  const answer = (status: string): string => lines(`HTTP/1.1 ${status}`, 'Content-Length: 5', '')

  assert.ok(parse([answer('200 OK')], 'HEAD').ended)
  assert.ok(parse([answer('204 No Content')]).ended)
  assert.ok(parse([answer('304 Not Modified')]).ended)
})

test('a body without a length ends when the app closes', () => {
  const seen = parse([lines('HTTP/1.0 200 OK', ''), 'all ', 'of it'])

  assert.deepEqual([seen.body, seen.ended, seen.close], ['all of it', true, 'complete'])
})

test('interim answers come before the real one', () => {
  const seen = parse([
    lines(
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 103 Early Hints',
      'Link: </a>',
      '',
      'HTTP/1.1 204 Gone',
      '',
    ),
  ])

  assert.deepEqual([seen.interim, seen.status, seen.ended], [[100, 103], 204, true])
})

test('a connection that closes early reports whether anything was received', () => {
  assert.equal(parse([]).close, 'none')
  assert.equal(parse(['HTTP/1.1 200 OK\r\nContent-']).close, 'none')
  assert.equal(parse([lines('HTTP/1.1 200 OK', 'Content-Length: 5', ''), 'hel']).close, 'cut')
  assert.equal(
    parse([lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '3', 'abc')]).close,
    'cut',
  )
})

test('what two parsers could read in two ways is refused', () => {
  const head = (...headers: string[]): string => lines('HTTP/1.1 200 OK', ...headers, '')
  const refused = [
    'SSH-2.0-OpenSSH_9\r\n\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 99 Low\r\n\r\n',
    head('Content-Length: 5', 'Transfer-Encoding: chunked'),
    head('Content-Length: 5', 'Content-Length: 6'),
    head('Content-Length: +5'),
    head('Content-Length: 0x5'),
    head('Content-Length: 5, 5'),
    head('Transfer-Encoding: gzip'),
    head('Transfer-Encoding: gzip, chunked'),
    head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
    head('no colon'),
    head('Bad Name: x'),
    head('Name : x'),
    head(' folded: x'),
    head('Name: a\rb'),
    head('Name: a\nSet-Cookie: b'),
    head('Name: a\0b'),
    head('Transfer-Encoding: chunked') + '5 5\r\nhello\r\n',
    head('Transfer-Encoding: chunked') + '-5\r\nhello\r\n',
    head('Transfer-Encoding: chunked') + '5\r\nhello world\r\n',
    head('Content-Length: 5') + 'hello and more',
  ]

  for (const text of refused) assert.throws(() => parse([text]), MalformedResponse, text)
})

test('a head, an interim flood and chunk lines without end are too large', () => {
  const flood = lines('HTTP/1.1 102 Processing', '').repeat(100)
  const chunked = lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '')

  assert.throws(() => parse([`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`]), { code: 'H25' })
  assert.throws(() => parse([flood]), { code: 'H25' })
  assert.throws(() => parse([`${chunked}5;${'x'.repeat(2000)}`]), { code: 'H17' })
  assert.throws(() => parse([`${chunked}0\r\nA: ${'x'.repeat(70_000)}`]), { code: 'H25' })
})

/** Answers as apps send them, with the body they carry. */
const answer = fc
  .record({
    status: fc.constantFrom(200, 201, 404, 500),
    headers: fc.array(
      fc.tuple(fc.stringMatching(/^X-[A-Za-z]{1,8}$/), fc.stringMatching(/^[!-~\xa1-\xff]{0,20}$/)),
      { maxLength: 5 },
    ),
    chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    interim: fc.boolean(),
  })
  .map(({ status, headers, chunks, framing, interim }) => {
    const body = Buffer.concat(chunks)
    const head = [
      ...(interim ? ['HTTP/1.1 103 Early Hints', ''] : []),
      `HTTP/1.1 ${status} Word`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(framing === 'length' ? [`Content-Length: ${body.length}`] : []),
      ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
      '',
    ]
    const framed =
      framing === 'chunked'
        ? Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)}\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from('0\r\n\r\n'),
          ])
        : body
    return {
      bytes: Buffer.concat([Buffer.from(lines(...head), 'latin1'), framed]),
      body,
      status,
      headers,
    }
  })

test('however an answer is cut into pieces, it reads the same', () => {
  fc.assert(
    fc.property(
      answer,
      fc.array(fc.nat(4000), { maxLength: 8 }),
      ({ bytes, body, status, headers }, cuts) => {
        const at = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
          bytes.length,
        ]
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end))

        const seen = parse(pieces)

        assert.deepEqual([seen.status, seen.ended, seen.close], [status, true, 'complete'])
        assert.equal(seen.body, body.toString('latin1'))
        const mine = seen.headers.filter((_, i) => seen.headers[i - (i % 2)]?.startsWith('X-'))
        assert.deepEqual(mine, headers.flat())
      },
    ),
  )
})

test('any bytes at all are read or refused, never anything else', () => {
  fc.assert(
    fc.property(answer, fc.uint8Array({ maxLength: 40 }), fc.nat(400), ({ bytes }, noise, at) => {
      const spoilt = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
      try {
        parse([spoilt])
      } catch (error) {
        assert.ok(error instanceof MalformedResponse)
      }
    }),
  )
})
