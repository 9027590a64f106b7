import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { RoutedApp } from '../router/index.ts'
import { homeAt, openStore } from '../store/index.ts'
import { Routing } from './routing.ts'

const folder = mkdtempSync(join(tmpdir(), 'hokku-routing-'))
const store = openStore(homeAt(folder))
after(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('no table is published before the dynos are known; then every change is', async () => {
  const tables: (readonly RoutedApp[])[] = []
  const hosts: (readonly string[])[] = []
  const routing = new Routing({
    store,
    domain: 'apps.example.com',
    sandbox: { setHosts: (names) => void hosts.push(names) },
    link: { publish: async (apps) => void tables.push(apps) },
  })
  const owner = store.accounts.create('owner@example.com', 'owner')
  const app = store.apps.create('demo', owner.id)

  await routing.publish()
  const before = tables.length
  routing.follow({ routed: () => ({ state: 'live', instances: [] }) })
  await routing.publish()
  store.apps.update(app.id, { maintenance: true })
  await routing.publish()

  assert.equal(before, 0)
  assert.deepEqual(
    tables.map((apps) => apps.map(({ name, maintenance }) => [name, maintenance])),
    [[['demo', false]], [['demo', true]]],
  )
  assert.deepEqual(hosts.at(-1), ['demo.apps.example.com'])
})
