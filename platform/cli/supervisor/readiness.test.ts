import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { portOf } from '@hokku/kit/port-of'
import { makeRunningHome } from '../testing.ts'
import { waitUntilUp } from './readiness.ts'

test('a platform is up once its router answers that everything is ready', async (context) => {
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    if (asked === 1) response.destroy()
    else response.end(JSON.stringify({ isReady: asked > 2 }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())

  await waitUntilUp(makeRunningHome(context, portOf(server)), () => false)

  assert.equal(asked, 3)
})

test('what has ended is not waited for', async (context) => {
  await assert.rejects(
    waitUntilUp(makeRunningHome(context), () => true),
    /hokku did not start/,
  )
})
