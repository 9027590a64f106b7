import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPool, startEmbedded, withClient } from '@hokku/postgres'
import { portOf } from '@hokku/kit/port-of'
import type { Addon, App, Transfer } from '../../store/index.ts'
import { openTestPlane, planeAt } from '../testing.ts'

const plane = openTestPlane()
const { store, addons, account } = plane
const { postgres } = addons

before(() => addons.recover())
after(async () => {
  await plane.close()
  await plane.remove()
})

async function database(name: string): Promise<{ app: App; addon: Addon; url: string }> {
  const app = plane.newApp(name)
  const addon = await addons.create({ app, accountId: account.id, plan: 'heroku-postgresql' })
  return { app, addon, url: (await plane.config(name))['DATABASE_URL'] ?? '' }
}

/** The `answer` of the last statement. */
const run = (url: string, sql: string) =>
  withClient(url, async (client) => {
    const results = [await client.query<{ answer: unknown }>(sql)].flat()
    return results.at(-1)?.rows?.[0]?.answer
  })

/** Waits for the end of a transfer. */
async function settled(transfer: Transfer): Promise<Transfer & { said: string }> {
  await postgres.transfers.idle()
  const said = store.transfers.logs(transfer.id).map(({ message }) => message)
  return { ...store.transfers.get(transfer.id), said: said.join('\n') }
}

const fileOf = ({ appId, id }: Transfer) => join(plane.home.backups, appId, `${id}.dump`)

test('a backup succeeds only with a file of the recorded size and digest that restores', async () => {
  const { addon, url } = await database('backed-up')
  await run(url, 'create table t as select n, md5(n::text) as m from generate_series(1, 5000) n')

  const done = await settled(postgres.transfers.capture(addon))

  const digest = createHash('sha256')
    .update(readFileSync(fileOf(done)))
    .digest('hex')
  assert.equal(done.succeeded, true)
  assert.equal(done.processedBytes, readFileSync(fileOf(done)).length)
  assert.equal(done.sha256, digest)
  assert.match(done.said, /Verified: pg_restore lists \d+ entries/)
})

test('restoring takes everything back to the moment of the backup', async () => {
  const { app, addon, url } = await database('restored')
  await run(url, 'create table kept as select 1 as n; create extension hstore')
  const backup = await settled(postgres.transfers.capture(addon))
  await run(url, 'drop table kept; create table later (n int)')

  const done = await settled(
    postgres.transfers.restore(addon, { kind: 'backup', transfer: backup }, []),
  )

  assert.equal(done.succeeded, true, done.said)
  assert.equal(await run(url, 'select n as answer from kept'), 1)
  assert.equal(await run(url, "select to_regclass('later') as answer"), null)
  assert.equal(await run(url, "select 'a=>1'::hstore -> 'a' as answer"), '1')
  assert.equal(store.transfers.ofApp(app.id).length, 2)
})

test('a restore that fails leaves the database as it was and says why', async () => {
  const { addon, url } = await database('unharmed')
  await run(url, 'create table precious as select 7 as n')
  const backup = await settled(postgres.transfers.capture(addon))
  const broken = readFileSync(fileOf(backup)).subarray(0, backup.processedBytes - 200)
  const server = createServer((_request, response) => response.end(broken)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url2 = `http://127.0.0.1:${portOf(server)}/x.dump`

  const done = await settled(postgres.transfers.restore(addon, { kind: 'url', url: url2 }, []))
  server.close()

  assert.equal(done.succeeded, false)
  assert.match(done.said, /Failed: .*(end of file|could not read)/is)
  assert.equal(await run(url, 'select n as answer from precious'), 7)
})

test('a damaged backup file is found out before anything is touched', async () => {
  const { addon, url } = await database('damaged')
  await run(url, 'create table precious as select 7 as n')
  const backup = await settled(postgres.transfers.capture(addon))
  const bytes = readFileSync(fileOf(backup))
  bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1
  writeFileSync(fileOf(backup), bytes)

  const done = await settled(
    postgres.transfers.restore(addon, { kind: 'backup', transfer: backup }, []),
  )

  assert.equal(done.succeeded, false)
  assert.match(done.said, /damaged or gone/)
  assert.equal(await run(url, 'select n as answer from precious'), 7)
})

test('what is not a backup is refused with the reason', async () => {
  const { addon } = await database('nonsense')
  const server = createServer((_q, response) => response.end('<html>')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${portOf(server)}/x`

  const done = await settled(postgres.transfers.restore(addon, { kind: 'url', url }, []))
  server.close()

  assert.equal(done.succeeded, false)
  assert.match(done.said, /Failed: .*(valid archive|too short)/s)
})

test('a dump cannot do more than its database may: code in it runs as the owner', async () => {
  const { addon, url } = await database('hostile')
  await run(
    url,
    `create function who() returns text language sql as 'select session_user || current_user';
     create table evidence (who text default who());
     create function trap() returns trigger language plpgsql as
       $$ begin new.who := (select rolsuper::text from pg_roles where rolname = session_user); return new; end $$;
     create trigger trap before insert on evidence for each row execute function trap();
     alter table evidence enable always trigger trap;
     insert into evidence default values`,
  )
  const backup = await settled(postgres.transfers.capture(addon))

  const done = await settled(
    postgres.transfers.restore(addon, { kind: 'backup', transfer: backup }, []),
  )

  assert.equal(done.succeeded, true, done.said)
  assert.equal(await run(url, 'select who as answer from evidence'), 'false')
})

test('a backup succeeds while the app has used up all of its connections', async () => {
  const { addon, url } = await database('crowded')
  const pool = openPool(url, { max: 20, onIdleError: () => {} })
  const holders = Array.from({ length: 20 }, () => pool.query('select pg_sleep(1.5)'))
  await sleep(300)

  const done = await settled(postgres.transfers.capture(addon))

  assert.equal(done.succeeded, true, done.said)
  await Promise.all(holders)
  await pool.end()
})

test('a restore goes through while the app stays connected', async () => {
  const { addon, url } = await database('busy')
  await run(url, 'create table t as select 1 as n')
  const backup = await settled(postgres.transfers.capture(addon))
  const pool = openPool(url, { max: 5, onIdleError: () => {} })
  let stopped = false
  const load = (async () => {
    while (!stopped) await pool.query('select count(*) from t').catch(() => sleep(20))
  })()

  const done = await settled(
    postgres.transfers.restore(addon, { kind: 'backup', transfer: backup }, []),
  )
  stopped = true
  await load
  const { rows } = await pool.query<{ n: number }>('select n from t')
  await pool.end()

  assert.equal(done.succeeded, true, done.said)
  assert.equal(rows[0]?.n, 1)
})

test('a running transfer can be canceled, and leaves no half file', async () => {
  const { app, addon, url } = await database('cancelled')
  await run(url, 'create table t as select 1 as n')
  const holder = openPool(url, { max: 1, onIdleError: () => {} })
  const client = await holder.connect()
  await client.query('begin; lock table t in access exclusive mode')

  const transfer = postgres.transfers.capture(addon)
  await sleep(700)
  await postgres.transfers.cancel(transfer)
  await client.query('rollback')
  client.release()
  await holder.end()

  const done = await settled(transfer)
  assert.ok(done.canceledAt)
  assert.equal(done.succeeded, false)
  assert.match(done.said, /Canceled/)
  assert.deepEqual(readdirSync(join(plane.home.backups, app.id)), [])
})

test('restores of one database take turns, and it is not reset meanwhile', async () => {
  const { addon, url } = await database('turns')
  await run(url, 'create table t as select n from generate_series(1, 1000) n')
  const backup = await settled(postgres.transfers.capture(addon))
  const source = { kind: 'backup', transfer: backup } as const

  const transfers = [1, 2, 3].map(() => postgres.transfers.restore(addon, source, []))
  await sleep(100)
  await assert.rejects(postgres.reset(addon, []), { code: 'invalid_params' })
  await postgres.transfers.idle()

  assert.deepEqual(
    transfers.map(({ id }) => store.transfers.get(id).succeeded),
    [true, true, true],
  )
  assert.equal(await run(url, 'select count(*)::int as answer from t'), 1000)
})

test('a backup that the end of the platform cuts off says so', async () => {
  const { addon, url } = await database('cut-off')
  await run(url, 'create table t as select 1 as n')
  const other = planeAt(plane.root)
  await other.addons.recover()
  const holder = openPool(url, { max: 1, onIdleError: () => {} })
  const client = await holder.connect()
  await client.query('begin; lock table t in access exclusive mode')

  const transfer = other.addons.postgres.transfers.capture(addon)
  await sleep(500)
  await other.close()
  await client.query('rollback')
  client.release()
  await holder.end()

  const done = await settled(transfer)
  assert.equal(done.canceledAt, null)
  assert.match(done.said, /Failed: hokku was stopped meanwhile/)
})

test('without pg_dump a backup fails and says what to install', async () => {
  const { addon } = await database('toolless')
  const poor = planeAt(plane.root, { toolFolders: [join(plane.root, 'nothing')] })

  await poor.addons.recover()

  const transfer = poor.addons.postgres.transfers.capture(addon)
  await poor.addons.postgres.transfers.idle()

  const said = store.transfers.logs(transfer.id).map(({ message }) => message)
  assert.match(said.at(-1) ?? '', /pg_dump and pg_restore of PostgreSQL 15 or newer/)
  assert.match(said.at(-1) ?? '', /apt-get install postgresql-client/)
  await poor.close()
})

test('what a dead control plane left running is recorded as failed', async () => {
  const { app, addon } = await database('abandoned')
  const transfer = store.transfers.create({
    appId: app.id,
    addonId: addon.id,
    kind: 'backup',
    scheduleId: null,
    fromName: 'DATABASE',
    toName: 'BACKUP',
  })

  const next = planeAt(plane.root)
  await next.addons.recover()
  await next.close()

  const done = store.transfers.get(transfer.id)
  assert.ok(done.finishedAt)
  assert.equal(done.succeeded, false)
})

test('a swap that was cut off is repaired at the next start: no app stays locked out', async () => {
  const { addon, url } = await database('locked-out')
  await run(url, 'create table precious as select 7 as n')
  const name = new URL(url).pathname.slice(1)
  const { adminUrl } = await startEmbedded({ directory: plane.home.postgres })
  await withClient(adminUrl, async (client) => {
    await client.query(`create database ${name}_fresh`)
    await client.query(`alter database ${name} allow_connections false`)
  })
  store.addons.update(addon.id, { task: 'configure' })
  await assert.rejects(run(url, 'select 1 as answer'), { code: '55000' })

  const next = planeAt(plane.root)
  await next.addons.recover()
  await next.close()

  assert.equal(await run(url, 'select n as answer from precious'), 7)
  assert.equal(store.addons.get(addon.id).task, null)
  // The last test of this file finds out whether the half-made database is gone.
})

test('scheduled backups run at their hour, and once after a time without the platform', async () => {
  const { app, addon } = await database('scheduled')
  postgres.schedules.set(addon, { name: 'DATABASE_URL', hour: 3, timezone: 'Europe/Berlin' })
  const tomorrow = new Date(Date.now() + 49 * 60 * 60_000)

  const next = planeAt(plane.root, { clock: () => tomorrow })
  await next.addons.recover()
  await next.addons.postgres.transfers.idle()
  await next.addons.recover()
  await next.addons.postgres.transfers.idle()
  await next.close()

  const [backup, ...more] = store.transfers.ofApp(app.id)
  assert.equal(backup?.succeeded, true)
  assert.notEqual(backup?.scheduleId, null)
  assert.deepEqual(more, [])
})

test('everything works on a server where the platform is no superuser', async () => {
  const { adminUrl } = await startEmbedded({ directory: plane.home.postgres })
  await withClient(adminUrl, async (client) => {
    await client.query("create role operator login createrole createdb password 'operator-secret'")
    await client.query('create database operator owner operator')
  })
  const url = new URL(adminUrl)
  Object.assign(url, { username: 'operator', password: 'operator-secret', pathname: '/operator' })
  const other = openTestPlane({ postgresUrl: url.href })
  const app = other.newApp('elsewhere')
  const addon = await other.addons.create({
    app,
    accountId: other.account.id,
    plan: 'heroku-postgresql',
  })
  const { DATABASE_URL: address = '' } = await other.config(app.name)
  await run(address, 'create table t as select 5 as n')

  const backup = other.addons.postgres.transfers.capture(addon)
  await other.addons.postgres.transfers.idle()
  await other.addons.postgres.reset(addon, ['hstore'])
  const source = { kind: 'backup', transfer: other.store.transfers.get(backup.id) } as const
  const restore = other.addons.postgres.transfers.restore(addon, source, [])
  await other.addons.postgres.transfers.idle()

  const log = other.store.transfers.logs(restore.id).map(({ message }) => message)
  assert.equal(await run(address, 'select n as answer from t'), 5, log.join('\n'))
  await other.addons.remove(app.id)
  await other.close()
  rmSync(other.root, { recursive: true, force: true })
})

test('no database is left behind but those of add-ons', async () => {
  const { adminUrl } = await startEmbedded({ directory: plane.home.postgres })

  const names = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where datname ~ '_(fresh|former)$'",
    )
    return rows
  })

  assert.deepEqual(names, [])
  assert.deepEqual(readdirSync(join(plane.home.backups, 'incoming')), [])
  assert.deepEqual(plane.bugs, [])
})
