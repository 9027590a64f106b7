import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openTestPlane } from './testing.ts'

/** What the API shows and lets people do, and to whom. */
const plane = openTestPlane()
const { store, addons, account, api } = plane
const foreigner = store.accounts.create('stranger@example.com')
const strangerToken = store.accounts.authorize(foreigner.id, 'test').token

before(() => addons.recover())
after(async () => {
  await plane.close()
  await plane.remove()
})

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
const call = async (method: Method, url: string, body?: object, token = plane.token) => {
  const answer = await api.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { payload: JSON.stringify(body) }),
  })
  return {
    status: answer.statusCode,
    body: answer.json<Record<string, unknown>>(),
    text: answer.body,
  }
}

test('no account sees or touches an add-on of an app that is not theirs', async () => {
  const app = plane.newApp('private')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const own = store.apps.create('strangers-own', foreigner.id)
  const backup = addons.postgres.transfers.capture(addon)
  await addons.postgres.transfers.idle()
  const attempts: [Method, string, object?][] = [
    ['GET', `/addons/${addon.id}`],
    ['GET', `/addons/${addon.name}/addon-attachments`],
    ['GET', `/addons/${addon.name}/config/credential:x`],
    ['GET', `/apps/${app.name}/addons`],
    ['DELETE', `/apps/${own.name}/addons/${addon.id}`],
    ['PATCH', `/apps/${own.name}/addons/${addon.id}`, { name: 'stolen-one' }],
    ['POST', '/addon-attachments', { addon: { name: addon.name }, app: { name: own.name } }],
    ['DELETE', `/addon-attachments/${store.attachments.ofAddon(addon.id)[0]?.id}`],
    ['POST', '/actions/addons/resolve', { addon: addon.name, app: null }],
    ['POST', '/actions/addon-attachments/resolve', { addon_attachment: 'DATABASE', app: app.name }],
    ['GET', `/client/v11/databases/${addon.id}`],
    ['PUT', `/client/v11/databases/${addon.id}/reset`],
    ['POST', `/client/v11/databases/${addon.id}/backups`],
    ['GET', `/client/v11/apps/${app.name}/transfers`],
    ['POST', `/client/v11/apps/${app.name}/transfers/1/actions/public-url`],
    ['GET', `/postgres/v0/databases/${addon.name}/credentials/default`],
    ['POST', `/postgres/v0/databases/${addon.name}/credentials/default/credentials_rotation`],
  ]
  for (const [method, url, body] of attempts) {
    const { status, text } = await call(method, url, body, strangerToken)

    assert.equal(status, 404, `${method} ${url}`)
    assert.doesNotMatch(text, /postgres:\/\//)
  }
  assert.equal(store.transfers.get(backup.id).succeeded, true)
})

test('no account restores the backup of another into its own database', async () => {
  const app = plane.newApp('victim')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const backup = addons.postgres.transfers.capture(addon)
  await addons.postgres.transfers.idle()
  const own = store.apps.create('thief', foreigner.id)
  const target = await addons.create({
    app: own,
    accountId: foreigner.id,
    plan: 'heroku-postgresql',
  })

  const { status } = await call(
    'POST',
    `/client/v11/databases/${target.id}/restores`,
    { backup_url: `hokku-backup:${backup.id}` },
    strangerToken,
  )

  assert.equal(status, 404)
})

test('a copy goes only over the network, as who the address says', async () => {
  const app = plane.newApp('copying')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const { DATABASE_URL: to_url = '' } = await plane.config(app.name)
  const copy = (from_url: string) =>
    call('POST', `/client/v11/databases/${addon.id}/transfers`, {
      from_name: 'X',
      from_url,
      to_name: 'Y',
      to_url,
    })

  for (const from of [
    'postgres:///postgres',
    'postgres://u:p@%2Fvar%2Frun%2Fpostgresql/postgres',
    'postgres://host/db',
    'mysql://u:p@host/db',
    'file:///etc/passwd',
  ]) {
    const { status } = await copy(from)

    assert.equal(status, 422, from)
  }
})

test('a backup is restored from an http address or by its name, nothing else', async () => {
  const app = plane.newApp('sources')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })

  for (const url of ['file:///etc/passwd', '/etc/passwd', 'ftp://x/y', 'hokku-backup:../x', '']) {
    const { status } = await call('POST', `/client/v11/databases/${addon.id}/restores`, {
      backup_url: url,
    })

    assert.equal(status, 422, url)
  }
})

test('extensions of a reset are checked before anything is lost', async () => {
  const app = plane.newApp('extended')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  const reset = (extensions: string[]) =>
    call('PUT', `/client/v11/databases/${addon.id}/reset`, { extensions })

  assert.equal((await reset(['file_fdw'])).status, 422)
  assert.equal((await reset(['x"; drop table y; --'])).status, 422)
  assert.equal((await reset(['hstore', 'extra.citext'])).status, 200)
})

test('without a token, or with a false download link, there is nothing', async () => {
  const link = await api.inject({ url: '/backup-downloads/nonsense' })
  const list = await api.inject({ url: '/addons' })

  assert.equal(link.statusCode, 404)
  assert.equal(list.statusCode, 401)
})

test('lists and single add-ons have every field that the CLI reads', async () => {
  const app = plane.newApp('fields')
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql:mini' })

  const { body } = await call('GET', `/apps/fields/addons/${addon.name}`)
  const { body: resolved } = await call('POST', '/actions/addons/resolve', {
    addon: 'heroku-postgresql',
    app: 'fields',
  })

  assert.partialDeepStrictEqual(body, {
    name: addon.name,
    state: 'provisioned',
    app: { name: 'fields' },
    addon_service: { name: 'heroku-postgresql' },
    plan: { name: 'heroku-postgresql:mini', price: { cents: 0, unit: 'month' } },
    billed_price: { cents: 0, contract: false },
  })
  assert.deepEqual((body['config_vars'] as string[])[0], 'DATABASE_URL')
  assert.equal(Array.isArray(resolved), true)
})
