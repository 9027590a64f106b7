import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../store/index.ts'
import { routedApp } from './routed-apps.ts'

const app = { id: '1', name: 'demo', maintenance: true } as App
const instances = [{ id: 'i', dyno: 'web.1', host: '127.0.0.1', port: 4000 }]

test('an app answers on its own name and on its domains', () => {
  const routed = routedApp({
    app,
    domain: 'apps.example.com',
    customDomains: ['WWW.Example.com'],
    hasSlug: true,
    config: [{ name: 'ERROR_PAGE_URL', value: 'https://e', attachmentId: null }],
    dynos: { state: 'live', instances },
  })

  assert.deepEqual(routed.hosts, ['demo.apps.example.com', 'www.example.com'])
  assert.deepEqual(
    [routed.state, routed.errorPageUrl, routed.maintenance],
    ['live', 'https://e', true],
  )
})

test('an app that never had a deploy is blank, with or without dynos', () => {
  const parts = { app, domain: 'localhost', customDomains: [], config: [] }
  const routed = routedApp({ ...parts, hasSlug: false, dynos: { state: 'stopped', instances: [] } })

  assert.equal(routed.state, 'blank')
})
