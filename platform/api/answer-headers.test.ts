import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { appRoutes } from './apps.ts'
import { createApi } from './api.ts'
import { openTestApi } from './testing.ts'

const world = openTestApi([appRoutes])
after(() => world.close())

test('a client that has the answer already gets 304 in its place', async () => {
  const api = createApi(world.plane, [appRoutes])
  const headers = { authorization: `Bearer ${world.owner.token}` }
  const first = await api.inject({ url: '/apps', headers })
  const tag = String(first.headers['etag'])

  const again = await api.inject({ url: '/apps', headers: { ...headers, 'if-none-match': tag } })
  await world.call('POST', '/apps', { body: { name: 'newcomer' } })
  const changed = await api.inject({ url: '/apps', headers: { ...headers, 'if-none-match': tag } })

  assert.deepEqual([first.statusCode, again.statusCode, again.body], [200, 304, ''])
  assert.equal(first.headers['ratelimit-remaining'], '4500')
  assert.equal(changed.statusCode, 200)
})
