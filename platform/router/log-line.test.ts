import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logLine, type LoggedRequest } from './log-line.ts'

const SERVED: LoggedRequest = {
  method: 'GET',
  path: '/a?b=c',
  host: 'demo.localhost',
  requestId: 'some-id',
  forwardedFor: '1.2.3.4, 5.6.7.8',
  dyno: 'web.1',
  connectMs: 0,
  serviceMs: 12.4,
  status: 200,
  bytes: 345,
  tls: null,
  code: null,
}

test('a served request reads as on Heroku', () => {
  assert.equal(
    logLine({ ...SERVED, tls: 'TLSv1.3' }),
    'at=info method=GET path="/a?b=c" host=demo.localhost request_id=some-id ' +
      'fwd="1.2.3.4, 5.6.7.8" dyno=web.1 connect=0ms service=12ms status=200 bytes=345 ' +
      'protocol=https tls=true tls_version=tls1.3',
  )
})

test('what no dyno saw has empty fields', () => {
  const unserved = { dyno: null, connectMs: null, serviceMs: null, bytes: null } as const

  assert.equal(
    logLine({ ...SERVED, ...unserved, code: 'H10', status: 503 }),
    'at=error code=H10 desc="App crashed" method=GET path="/a?b=c" host=demo.localhost ' +
      'request_id=some-id fwd="1.2.3.4, 5.6.7.8" dyno= connect= service= status=503 bytes= ' +
      'protocol=http',
  )
})

test('the side that broke off is named, and a path can end neither field nor line', () => {
  const line = logLine({ ...SERVED, path: '/" code=H99\n\t', code: 'H27', status: 499 })

  assert.match(line, /^sock=client at=info code=H27 desc="Client Request Interrupted" method=GET /)
  assert.match(line, / path="\/%22 code=H99%0A%09" /)
})
