import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { appRoutes } from './apps.ts'
import { configVarRoutes } from './config-vars.ts'
import { releaseRoutes } from './releases.ts'
import { openTestApi } from './testing.ts'

const api = openTestApi([appRoutes, configVarRoutes, releaseRoutes])
let appId = ''

before(async () => {
  const { body } = await api.call('POST', '/apps', { body: { name: 'demo' } })
  appId = (body as { id: string }).id
})
after(() => api.close())

const patch = (body: object) => api.call('PATCH', '/apps/demo/config-vars', { body })
const lastRelease = () => api.store.releases.list(appId).at(-1)

test('setting a var makes a release and answers with all of them', async () => {
  const { status, body } = await patch({ FOO: 'bar', NUMBER: 7 })

  assert.equal(status, 200)
  assert.deepEqual(body, { FOO: 'bar', NUMBER: '7' })
  assert.equal(lastRelease()?.description, 'Set FOO, NUMBER config vars')
})

test('setting a var to what it is makes no release', async () => {
  await patch({ SAME: 'x' })
  const before = lastRelease()?.version

  await patch({ SAME: 'x', MISSING: null })

  assert.equal(lastRelease()?.version, before)
})

test('null takes a var away', async () => {
  await patch({ GONE: 'x' })

  const { body } = await patch({ GONE: null })

  assert.equal('GONE' in (body as object), false)
  assert.equal(lastRelease()?.description, 'Remove GONE config vars')
})

test('names that no shell could use are refused and nothing of the request is kept', async () => {
  for (const name of ['1A', 'A-B', '__SECRET', 'A B', '', 'Ü']) {
    assert.equal((await patch({ GOOD: 'x', [name]: 'y' })).status, 422, name)
  }

  assert.equal(
    api.store.configVars.list(appId).some((entry) => entry.name === 'GOOD'),
    false,
  )
})

test('values that no process could take are refused', async () => {
  assert.equal((await patch({ NUL: 'a\0b' })).status, 422)
  assert.equal((await patch({ BIG: 'x'.repeat(70_000) })).status, 422)
  assert.equal((await patch({ LIST: [1] })).status, 422)
})

test("an add-on's var cannot be overwritten", async () => {
  const entry = { name: 'DATABASE_URL', value: 'postgres://{{endpoint:pg}}/db', attachmentId: 'a' }
  api.store.configVars.set(appId, entry)

  const { status, body } = await patch({ DATABASE_URL: 'postgres://elsewhere' })

  assert.equal(status, 422)
  assert.match((body as { message: string }).message, /add-on/)
})

test('values lie encrypted on disk', () => {
  const rows = api.store.db.all('select sealed_value from config_vars')

  const bytes = rows.map((row) => Buffer.from(row['sealed_value'] as Uint8Array).toString('latin1'))

  assert.ok(bytes.length > 0)
  assert.ok(bytes.every((text) => !text.includes('postgres://')))
})

test('the CLI finds the newest release first when it asks for it so', async () => {
  const range = 'version ..; order=desc,max=1'

  const { status, body, headers } = await api.call('GET', '/apps/demo/releases', { range })

  assert.equal(status, 206)
  assert.equal((body as { version: number }[])[0]?.version, lastRelease()?.version)
  assert.match(String(headers['next-range']), /^version \]\d+\.\.; max=1, order=desc$/)
})
