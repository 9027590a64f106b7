import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Dyno, OneOffRequest } from '../dynos/index.ts'
import { createApp } from './apps.ts'
import { dynoSizeRoutes } from './dyno-sizes.ts'
import { dynoRoutes } from './dynos.ts'
import { formationRoutes } from './formation.ts'
import type { Plane } from './plane.ts'
import { resolveQuantity } from './quantity.ts'
import { openTestApi } from './testing.ts'

/** What the dynos were asked for, in order. */
const asked: unknown[][] = []
let listed: Dyno[] = []
const dynos = {
  list: () => listed,
  reconcile: async (appId: string) => void asked.push(['reconcile', appId]),
  restart: async (_appId: string, which?: string) => void asked.push(['restart', which]),
  stop: async (_appId: string, which: string) => void asked.push(['stop', which]),
  run: async (request: OneOffRequest) => {
    asked.push(['run', request])
    return { dyno: dyno('run.4711', 'starting'), exit: Promise.resolve({}) }
  },
}
const lines: string[] = []
const logs = { write: (...line: string[]) => void lines.push(line.slice(1).join(' ')) }
const api = openTestApi([formationRoutes, dynoRoutes, dynoSizeRoutes], {
  dynos,
  logs,
} as unknown as Partial<Plane>)
after(() => api.close())

const app = createApp(api.plane, api.owner.id, 'demo')
const set = (type: string, quantity: number): void =>
  api.store.formations.set(app.id, { type, quantity, size: 'Basic', command: `run ${type}` })
set('web', 1)
set('worker', 0)
set('release', 0)

function dyno(name: string, state: Dyno['state']): Dyno {
  const [type = ''] = name.split('.')
  const at = '2026-11-20T10:00:00.000Z'
  const times = { stateSince: at, createdAt: at, updatedAt: at }
  const own = { id: name, appId: app.id, name, type, command: type, size: 'Basic', state }
  const release = { id: 'r', version: 3 }
  const attachUrl = 'rendezvous://localhost:8080/secret'
  return { ...own, stateReason: null, release, attachUrl, ...times }
}

const scale = (updates: object[]) =>
  api.call('PATCH', '/apps/demo/formation', { body: { updates } })

test('quantities are numbers, texts of numbers, or steps up and down', () => {
  assert.equal(resolveQuantity(3, 1), 3)
  assert.equal(resolveQuantity('3', 1), 3)
  assert.equal(resolveQuantity('+2', 1), 3)
  assert.equal(resolveQuantity('-1', 3), 2)
  assert.equal(resolveQuantity('-5', 3), 0)
  for (const nonsense of ['', 'two', '1.5', '+', '1e3', '0x1']) {
    assert.equal(resolveQuantity(nonsense, 1), undefined, nonsense)
  }
})

test('the CLI’s way of scaling changes number and size, and brings the dynos in line', async () => {
  const { status, body } = await scale([
    { type: 'web', quantity: '+1', size: 'standard-2x' },
    { type: 'worker', quantity: '1' },
  ])

  assert.equal(status, 200)
  assert.deepEqual(
    (body as { type: string; quantity: number; size: string }[]).map((entry) => [
      entry.type,
      entry.quantity,
      entry.size,
    ]),
    [
      ['web', 2, 'Standard-2X'],
      ['worker', 1, 'Basic'],
    ],
  )
  assert.deepEqual(asked.at(-1), ['reconcile', app.id])
  assert.equal(
    lines.at(-1),
    'app api Scaled to web@2:Standard-2X worker@1:Basic by user owner@example.com',
  )
})

test('what is left out stays, and old names of sizes are understood', async () => {
  await scale([{ type: 'web', quantity: 2, size: 'hobby' }])

  const { body } = await api.call('PATCH', '/apps/demo/formation/web', { body: { size: 'free' } })

  assert.equal((body as { quantity: number }).quantity, 2)
  assert.equal((body as { size: string }).size, 'Eco')
})

test('one wrong update leaves all of them undone', async () => {
  for (const wrong of [
    { type: 'nobody', quantity: 1 },
    { type: 'worker', quantity: 101 },
    { type: 'worker', quantity: 'many' },
    { type: 'worker', size: 'Gigantic' },
    { type: 'release', quantity: 1 },
  ]) {
    const { status, body } = await scale([{ type: 'web', quantity: 7 }, wrong])

    assert.ok(status === 404 || status === 422, `${status} for ${JSON.stringify(wrong)}`)
    assert.ok((body as { message: string }).message.length > 10)
    assert.notEqual(api.store.formations.find(app.id, 'web')?.quantity, 7)
  }
})

test('a one-off on an app without code is refused with what to do', async () => {
  const { status, body } = await api.call('POST', '/apps/demo/dynos', { body: { command: 'bash' } })

  assert.equal(status, 422)
  assert.match((body as { message: string }).message, /git push/)
})

test('heroku run’s request becomes a one-off with a terminal of its size', async () => {
  const slug = api.store.slugs.create({
    appId: app.id,
    commit: null,
    commitDescription: null,
    buildpackDescription: null,
    checksum: null,
    size: null,
    stack: 'heroku-24',
    processTypes: {},
    manifest: null,
  })
  api.store.releases.create({
    appId: app.id,
    accountId: api.owner.id,
    description: 'Deploy',
    slugId: slug.id,
    status: 'succeeded',
    outputSecret: null,
    config: [],
    addonPlans: [],
  })

  const { status, body } = await api.call('POST', '/apps/demo/dynos', {
    body: {
      attach: true,
      command: 'bash',
      env: { TERM: 'xterm', COLUMNS: 120, LINES: 0, A: '1' },
      size: '2x',
    },
  })

  assert.equal(status, 201)
  const request = asked.at(-1)?.[1] as OneOffRequest
  assert.deepEqual(request.attach, { tty: { columns: 120, rows: 24 } })
  assert.equal(request.size, 'Standard-2X')
  assert.deepEqual(request.env, { TERM: 'xterm', COLUMNS: '120', LINES: '0', A: '1' })
  assert.match((body as { attach_url: string }).attach_url, /^rendezvous:\/\/[^:/]+:\d+\/secret$/)
})

test('restarting and stopping reach all dynos, a type, or one', async () => {
  listed = [dyno('web.1', 'up'), dyno('run.4711', 'up')]

  for (const [method, path, expected] of [
    ['DELETE', '/dynos', ['restart', undefined]],
    ['DELETE', '/dynos/web.1', ['restart', 'web.1']],
    ['DELETE', '/dynos/run.4711', ['stop', 'run.4711']],
    ['DELETE', '/dynos/web', ['restart', 'web']],
    ['POST', '/dynos/web/actions/stop', ['stop', 'web']],
    ['DELETE', '/formations/worker', ['restart', 'worker']],
    ['POST', '/dynos/web.1/actions/stop', ['stop', 'web.1']],
    ['POST', '/formations/web/actions/stop', ['stop', 'web']],
  ] as const) {
    const { status, body } = await api.call(method, `/apps/demo${path}`)

    assert.equal(status, 202, path)
    assert.deepEqual(body, {})
    assert.deepEqual(asked.at(-1), expected)
  }
})

test('a dyno or type that is not there is not found', async () => {
  assert.equal((await api.call('DELETE', '/apps/demo/dynos/web.9')).status, 404)
  assert.equal((await api.call('POST', '/apps/demo/formations/nobody/actions/stop')).status, 404)
})

test('sizes have Heroku’s names, and are found by any of them', async () => {
  const { body } = await api.call('GET', '/dyno-sizes')
  const names = (body as { name: string }[]).map(({ name }) => name)

  assert.ok(['Eco', 'Basic', 'Standard-1X', 'Performance-M'].every((name) => names.includes(name)))
  const { body: old } = await api.call('GET', '/dyno-sizes/PX')
  assert.deepEqual((old as { name: string; memory: number }).memory, 14)
})
