import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { officialCli } from '../../tests/machine.ts'
import { createServer as createTlsServer } from 'node:https'
import { withClient } from '@hokku/postgres'
import { portOf } from '@hokku/kit/port-of'
import { openAuthority } from '../certificates/index.ts'
import { openTestPlane } from './testing.ts'

/** The official `heroku` command against the API, on one port that speaks HTTP and TLS. */
const plane = openTestPlane()
const BIN = await officialCli()
const folder = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
const front = createServer()
const sockets = new Set<Socket>()
let port = 0
let bundle = ''

before(async () => {
  await plane.addons.recover()
  await plane.api.ready()
  const authority = await openAuthority(plane.home.certificates)
  bundle = authority.rootFile
  const { certPem, keyPem } = await authority.leaf('127.0.0.1')
  const handler: RequestListener = (request, response) => plane.api.routing(request, response)
  const http = createHttpServer(handler)
  const https = createTlsServer({ cert: certPem, key: keyPem }, handler)
  front.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null
      if (first === null) return socket.destroy()
      socket.unshift(first)
      ;(first[0] === 0x16 ? https : http).emit('connection', socket)
    })
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  port = portOf(front)
})

after(async () => {
  for (const socket of sockets) socket.destroy()
  front.close()
  await plane.close()
  await plane.remove()
  rmSync(folder, { recursive: true, force: true })
})

type Answer = Readonly<{ code: number; stdout: string; stderr: string }>

/** Runs a command line as a user would; never fails itself. */
function run(commandLine: string): Promise<Answer> {
  const [program = '', ...args] = commandLine.split(' ')
  return runArgs(program, args)
}

function runArgs(program: string, args: readonly string[]): Promise<Answer> {
  const host = `http://127.0.0.1:${port}`
  const env = {
    HOME: folder,
    PATH: `${BIN}:${process.env['PATH'] ?? ''}`,
    HEROKU_HOST: host,
    HEROKU_API_KEY: plane.token,
    HEROKU_PARTICLEBOARD_URL: host,
    HEROKU_DATA_HOST: '127.0.0.1',
    HEROKU_SKIP_NEW_VERSION_CHECK: '1',
    HEROKU_DISABLE_AUTOUPDATE: '1',
    DISABLE_TELEMETRY: 'true',
    NODE_EXTRA_CA_CERTS: bundle,
    CI: '1',
    TERM: 'dumb',
  }
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { env, cwd: folder, timeout: 60_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ code, stdout, stderr })
      },
    )
    child.stdin?.end()
  })
}

/** Runs it and expects success; what it printed on both outputs. */
async function heroku(commandLine: string): Promise<string> {
  const { code, stdout, stderr } = await run(`heroku ${commandLine}`)
  assert.equal(code, 0, `heroku ${commandLine}:\n${stdout}\n${stderr}`)
  return stdout + stderr
}

const configOf = async (app: string) => plane.config(app)
const query = async (app: string, sql: string): Promise<string> => {
  const { code, stdout, stderr } = await runArgs('heroku', ['pg:psql', '-a', app, '-c', sql])
  assert.equal(code, 0, stderr)
  return stdout
}

test('addons:create prints both config vars; addons, :info, :plans and :services know it', async () => {
  plane.newApp('shop')

  const created = await heroku('addons:create heroku-postgresql:hobby-dev -a shop')

  assert.match(created, /Creating heroku-postgresql:hobby-dev on (?:⬢ )?shop\.\.\. free/)
  assert.match(created, /as DATABASE_URL, HEROKU_POSTGRESQL_[A-Z]+_URL/)
  assert.match(await heroku('addons -a shop'), /heroku-postgresql \(postgresql-[a-z]+-\d+\)/)
  assert.match(await heroku('addons:info heroku-postgresql -a shop'), /State:\s+created/)
  assert.match(await heroku('addons:services'), /heroku-postgresql/)
  assert.match(await heroku('addons:plans heroku-postgresql'), /essential-0/)
  assert.equal((await run('heroku addons:wait -a shop')).code, 0)
})

test('a plan that is not there is refused with those that are', async () => {
  const { code, stderr } = await run('heroku addons:create heroku-postgresql:huge -a shop')

  assert.notEqual(code, 0)
  assert.match(stderr, /Couldn't find either the add-on service or the add-on plan/)
  assert.match(stderr, /standard-0/)
})

test('pg:info, pg:wait and pg:credentials show the database', async () => {
  const info = await heroku('pg:info -a shop')
  const url = await heroku('pg:credentials:url -a shop')

  assert.match(info, /DATABASE_URL/)
  assert.match(info, /Plan:\s+Hobby Dev/)
  assert.match(info, /PG Version:\s+15\./)
  assert.match(info, /Connections:\s+\d\/20/)
  assert.equal((await run('heroku pg:wait -a shop')).code, 0)
  assert.ok(url.includes((await configOf('shop'))['DATABASE_URL'] ?? 'nothing'))
  assert.match(await heroku('pg:credentials -a shop'), /default[\s\S]*active/)
})

test('pg:psql speaks TLS to the database', async () => {
  await query('shop', 'create table orders as select n from generate_series(1, 1000) n')

  const answer = await query(
    'shop',
    'select count(*) || ssl::text as answer from orders, pg_stat_ssl where pid = pg_backend_pid() group by ssl',
  )

  assert.match(answer, /1000true/)
})

test('pg:promote of the first database by its color name succeeds', async () => {
  const color = Object.keys(await configOf('shop')).find((name) => name.startsWith('HEROKU_'))
  const phase = { type: 'release', quantity: 0, size: 'Basic', command: 'true' }
  plane.store.formations.set(plane.store.apps.find('shop')?.id ?? '', phase)

  const output = await heroku(`pg:promote ${color} -a shop`)

  assert.match(output, /Promoting postgresql-.* to DATABASE_URL on (?:⬢ )?shop/)
  assert.match(output, /pg:promote succeeded/)
  assert.match(await query('shop', 'select count(*) from orders'), /1000/)
})

test('pg:promote of a second database makes it DATABASE and keeps the first under its color', async () => {
  const { DATABASE_URL: first } = await configOf('shop')
  await heroku('addons:create heroku-postgresql:standard-0 --name second-one -a shop')

  await heroku('pg:promote second-one -a shop')
  const promoted = await configOf('shop')
  await heroku('addons:detach DATABASE -a shop')
  const { name } = plane.store.addons
    .ofApp(plane.store.apps.find('shop')?.id ?? '')
    .find((addon) => addon.name !== 'second-one') ?? { name: '' }
  await heroku(`addons:attach ${name} --as DATABASE -a shop`)

  assert.notEqual(promoted['DATABASE_URL'], first)
  assert.ok(Object.values(promoted).includes(first ?? ''))
  assert.equal((await configOf('shop'))['DATABASE_URL'], first)
})

test('a backup is captured, listed, shown, linked and downloaded', async () => {
  const captured = await heroku('pg:backups:capture -a shop')
  const list = await heroku('pg:backups -a shop')
  const info = await heroku('pg:backups:info b001 -a shop')
  const url = (await heroku('pg:backups:url -a shop')).trim()
  await heroku('pg:backups:download -a shop -o shop.dump')

  assert.match(captured, /Backing up DATABASE to b001/)
  assert.match(list, /b001\s+.*Completed/)
  assert.match(info, /Verified: pg_restore lists \d+ entries/)
  assert.match(info, /Status:\s+Completed/)
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+\/backup-downloads\/[\w-]+$/)
  const file = readFileSync(join(folder, 'shop.dump'))
  assert.equal(file.subarray(0, 5).toString(), 'PGDMP')
  const transfer = plane.store.transfers.ofApp(plane.store.apps.find('shop')?.id ?? '')[0]
  assert.equal(statSync(join(folder, 'shop.dump')).size, transfer?.processedBytes)
})

test('pg:reset empties the database; restoring the backup brings everything back', async () => {
  await heroku('pg:reset -a shop --confirm shop')
  const emptied = await query('shop', "select to_regclass('orders') is null as gone")

  const restored = await heroku('pg:backups:restore b001 DATABASE_URL -a shop --confirm shop')

  assert.match(emptied, /t/)
  assert.match(restored, /Restoring/)
  assert.match(await query('shop', 'select count(*) from orders'), /1000/)
})

test('a backup of another app, and one by its address, can be restored', async () => {
  plane.newApp('copycat')
  await heroku('addons:create heroku-postgresql -a copycat')
  const url = (await heroku('pg:backups:url b001 -a shop')).trim()

  await heroku('pg:backups:restore shop::b001 DATABASE_URL -a copycat --confirm copycat')
  const first = await query('copycat', 'select count(*) from orders')
  await query('copycat', 'drop table orders')
  await runArgs('heroku', [
    ...'pg:backups:restore'.split(' '),
    url,
    ...'DATABASE_URL -a copycat --confirm copycat'.split(' '),
  ])

  assert.match(first, /1000/)
  assert.match(await query('copycat', 'select count(*) from orders'), /1000/)
})

test('pg:copy replaces one database by another', async () => {
  await query('copycat', 'create table only_here (n int)')
  const color = Object.keys(await configOf('shop')).find((name) => name.startsWith('HEROKU_'))
  assert.ok(color)

  await heroku('pg:copy shop::DATABASE_URL DATABASE_URL -a copycat --confirm DATABASE')

  assert.match(await query('copycat', "select to_regclass('only_here') is null as gone"), /t/)
  assert.match(await query('copycat', 'select count(*) from orders'), /1000/)
})

test('backups are scheduled, listed and unscheduled', async () => {
  await runArgs('heroku', [
    ...'pg:backups:schedule DATABASE_URL -a shop --at'.split(' '),
    '02:00 Europe/Berlin',
  ])

  const listed = await heroku('pg:backups:schedules -a shop')
  await heroku('pg:backups:unschedule DATABASE_URL -a shop')

  assert.match(listed, /DATABASE_URL: daily at 2:00 Europe\/Berlin/)
  assert.match(await heroku('pg:backups:schedules -a shop'), /No backup schedules/)
})

test('pg:credentials:rotate gives a new password to the app', async () => {
  const { DATABASE_URL: before = '' } = await configOf('shop')

  await heroku('pg:credentials:rotate -a shop --confirm shop')

  assert.notEqual((await configOf('shop'))['DATABASE_URL'], before)
  assert.match(await query('shop', 'select count(*) from orders'), /1000/)
  await assert.rejects(
    withClient(before, (client) => client.query('select 1')),
    { code: '28P01' },
  )
})

test('a backup is deleted with its file', async () => {
  await heroku('pg:backups:delete b001 -a shop --confirm shop')

  assert.match(await heroku('pg:backups -a shop'), /No backups/)
})

test('a database found by addons:info is attached to a second app and shared', async () => {
  plane.newApp('events')
  const name = /postgresql-[a-z]+-\d{5}/.exec(await heroku('addons -a shop'))?.[0]
  const info = await heroku(`addons:info ${name} -a shop`)

  const output = await heroku(`addons:attach ${name} --app events`)

  assert.match(info, /Owning app:\s+(?:⬢ )?shop/)
  assert.match(output, /Setting DATABASE config vars and restarting (?:⬢ )?events\.\.\. done, v\d+/)
  const [shop, events] = await Promise.all([configOf('shop'), configOf('events')])
  assert.equal(events['DATABASE_URL'], shop['DATABASE_URL'])
  assert.match(
    await heroku('addons -a events'),
    /heroku-postgresql[\s\S]*billed to (?:⬢ )?shop app/,
  )
})

test('a name that is in use is taken over with --confirm only', async () => {
  const refused = await run('heroku addons:attach second-one --as DATABASE -a events')
  const { DATABASE_URL: before } = await configOf('events')

  await heroku('addons:attach second-one --as DATABASE --confirm events -a events')

  assert.notEqual(refused.code, 0)
  assert.notEqual((await configOf('events'))['DATABASE_URL'], before)
  await heroku('addons:detach DATABASE -a events')
})

test('further credentials are made, attached and shown; pg:ps and pg:killall work', async () => {
  await heroku('pg:credentials:create second-one --name reports -a shop')
  await heroku('addons:attach second-one --credential reports --as REPORTS -a shop')

  const shown = await heroku('pg:credentials second-one -a shop')

  assert.match(shown, /reports/)
  await heroku('addons:detach REPORTS -a shop')
  await heroku('pg:credentials:destroy second-one --name reports -a shop --confirm shop')
  assert.match(await heroku('pg:ps -a shop'), /pid/)
  await heroku('pg:killall -a shop')
})

test('pg:pull copies a database to another server address', async () => {
  plane.newApp('puller')
  await heroku('addons:create heroku-postgresql -a puller')
  const { DATABASE_URL: target = '' } = await configOf('puller')

  await runArgs('heroku', ['pg:pull', 'DATABASE_URL', target, '-a', 'shop'])

  assert.match(await query('puller', 'select count(*) from orders'), /1000/)
})

test('addons:upgrade, :rename and :destroy', async () => {
  await heroku('addons:upgrade second-one heroku-postgresql:standard-2 -a shop')
  await heroku('addons:rename second-one renamed-one')
  const info = await heroku('addons:info renamed-one')
  const destroyed = await heroku('addons:destroy renamed-one -a shop --confirm shop')

  assert.match(info, /Plan:\s+heroku-postgresql:standard-2/)
  assert.match(destroyed, /Destroying renamed-one on (?:⬢ )?shop\.\.\. done/)
})

test('nothing went wrong unseen', () => {
  assert.deepEqual(plane.bugs, [])
})
