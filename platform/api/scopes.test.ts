import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neededScope, scopesAllow } from './scopes.ts'

test('each request needs the narrowest scope that covers it', () => {
  const needed = [
    ['GET', '/account'],
    ['GET', '/apps'],
    ['GET', '/apps/:app/dynos'],
    ['POST', '/apps'],
    ['PATCH', '/apps/:app/formation'],
    ['POST', '/apps/:app/addons'],
    ['GET', '/apps/:app/config-vars'],
    ['GET', '/apps/:app/releases/:release/config-vars'],
    ['PATCH', '/apps/:app/config-vars'],
    ['POST', '/apps/:app/dynos'],
    ['GET', '/:repository/info/refs'],
    ['POST', '/:repository/git-upload-pack'],
    ['POST', '/:repository/git-receive-pack'],
    ['POST', '/oauth/authorizations'],
    ['GET', '/account/keys'],
    ['POST', '/hokku/stop'],
    ['GET', '/dashboard'],
  ].map(([method = '', route = '']) => neededScope(method, route))

  assert.deepEqual(needed, [
    'identity',
    'read',
    'read',
    'write',
    'write-protected',
    'write',
    'read-protected',
    'read-protected',
    'write-protected',
    'write-protected',
    'read',
    'read',
    'write-protected',
    'global',
    'global',
    'global',
    'global',
  ])
})

test('a wider scope includes the narrower ones, and identity stands alone', () => {
  assert.ok(scopesAllow(['write-protected'], 'GET', '/apps/:app/config-vars'))
  assert.ok(scopesAllow(['write'], 'GET', '/apps'))
  assert.ok(!scopesAllow(['write'], 'GET', '/apps/:app/config-vars'))
  assert.ok(!scopesAllow(['read-protected'], 'POST', '/apps'))
  assert.ok(!scopesAllow(['write-protected'], 'GET', '/account'))
  assert.ok(!scopesAllow(['identity'], 'GET', '/apps'))
  assert.ok(scopesAllow(['identity', 'read'], 'GET', '/apps'))
  assert.ok(scopesAllow(['global'], 'POST', '/hokku/stop'))
})
