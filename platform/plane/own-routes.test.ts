import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestApi } from '../api/testing.ts'
import { ownRoutes } from './own-routes.ts'

const health = () => ({ version: '0', notices: [], isReady: true })

test('only the owner of the installation stops the dynos of all apps', async (t) => {
  const api = openTestApi([ownRoutes(health)])
  t.after(api.close)
  const member = api.store.accounts.create('stranger@example.com')
  const { token } = api.store.accounts.authorize(member.id, 'test')

  const refused = await api.call('POST', '/hokku/stop', { token })
  const anonymous = await api.call('POST', '/hokku/stop', { token: null })
  const allowed = await api.call('POST', '/hokku/stop')

  assert.equal(refused.status, 403)
  assert.match(JSON.stringify(refused.body), /Only the owner of this installation may do that/)
  assert.equal(anonymous.status, 401)
  assert.equal(allowed.status, 200)
})
