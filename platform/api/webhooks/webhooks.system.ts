import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { rootCertificates } from 'node:tls'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plane } from '../plane.ts'
import { domainRoutes } from '../domains.ts'
import { openTestApi } from '../testing.ts'
import { signatureOf } from './deliverer.ts'
import { openWebhooks } from './open-webhooks.ts'
import { webhookRoutes } from './routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'hokku-webhooks-'))
const bundleFile = join(folder, 'bundle.pem')
writeFileSync(bundleFile, rootCertificates.join('\n'))
const api = openTestApi([webhookRoutes, domainRoutes], {
  authority: { bundleFile } as Plane['authority'],
})
const bugs: unknown[] = []
const close = openWebhooks(api.plane, (error) => bugs.push(error))

/** What arrived; the first request is answered 500. */
const received: { body: string; signature: string; authorization: string }[] = []
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (part: Buffer) => (body += part.toString()))
  request.on('end', () => {
    const { 'heroku-webhook-hmac-sha256': signature, authorization = '' } = request.headers
    received.push({ body, signature: String(signature), authorization })
    response.writeHead(received.length === 1 ? 500 : 204).end()
  })
})
await new Promise<void>((done) => void receiver.listen(0, '127.0.0.1', done))
after(() => {
  close()
  receiver.close()
  api.close()
  rmSync(folder, { recursive: true })
})

test('a change reaches the webhook signed, again after a failure, and is listed', async () => {
  const app = api.store.apps.create('shop', api.owner.id)
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { headers } = await api.call('POST', '/apps/shop/webhooks', {
    body: {
      include: ['api:domain'],
      level: 'sync',
      // Names below localhost are no names of the system.
      url: `http://receiver.localhost:${port}/hook`,
      authorization: 'Bearer mine',
    },
  })
  const secret = String(headers['heroku-webhook-secret'])

  await api.call('POST', '/apps/shop/domains', { body: { hostname: 'www.example.com' } })
  for (const endAt = Date.now() + 90_000; received.length < 2; await sleep(20)) {
    assert.ok(Date.now() < endAt, 'two attempts were made')
  }

  const [, second] = received
  assert.equal(second?.signature, signatureOf(second?.body ?? '', secret))
  assert.equal(second.authorization, 'Bearer mine')
  const { action, resource, data } = JSON.parse(second.body) as Record<string, unknown>
  assert.deepEqual([action, resource], ['create', 'domain'])
  assert.equal((data as { hostname: string }).hostname, 'www.example.com')
  const listed = async () =>
    (await api.call('GET', '/apps/shop/webhook-deliveries')).body as {
      status: string
      num_attempts: number
      last_attempt: { code: number }
    }[]
  for (const endAt = Date.now() + 60_000; (await listed())[0]?.status !== 'succeeded';) {
    assert.ok(Date.now() < endAt, 'the delivery is noted')
    await sleep(20)
  }
  const [delivery] = await listed()
  assert.deepEqual([delivery?.num_attempts, delivery?.last_attempt.code], [2, 204])
  assert.deepEqual(bugs, [])
  assert.equal(api.store.webhooks.events.ofApp(app.id).length, 1)
})
