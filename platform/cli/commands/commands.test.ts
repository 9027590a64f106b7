import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { supervisorFile } from '../installation.ts'
import { answerAsPlane, makeRunningHome, runHokku } from '../testing.ts'

test('people are listed with their apps, as a table or as JSON', async (context) => {
  const home = makeRunningHome(context)
  const people = [
    { email: 'owner@x.org', role: 'owner', apps: [], tokens: 1, sessions: 2, is_invited: false },
    {
      email: 'ann@x.org',
      role: 'member',
      apps: ['shop', 'blog'],
      tokens: 0,
      sessions: 0,
      is_invited: true,
    },
  ]
  await answerAsPlane(context, home, { 'GET /hokku/people': people })

  const table = await runHokku(context, home, ['people'])
  const json = await runHokku(context, home, ['people', '--json'])

  assert.match(table.output, /owner@x\.org +owner +1 tokens, 2 sessions/)
  assert.match(table.output, /ann@x\.org +member +invited +shop, blog/)
  assert.deepEqual(JSON.parse(json.output), people)
})

test('a person is revoked by e-mail address, even with a slash in it', async (context) => {
  const home = makeRunningHome(context)
  const route = 'DELETE /hokku/people/a%2Fb%40x.org/tokens'
  const requests = await answerAsPlane(context, home, {
    [route]: { email: 'a/b@x.org', revoked: 3 },
  })

  const { output } = await runHokku(context, home, ['people', '--revoke', 'a/b@x.org'])

  assert.deepEqual(requests, [route])
  assert.equal(output, 'a/b@x.org is out: 3 tokens and sessions ended.')
})

test('an invitation prints the link alone on standard output', async (context) => {
  const home = makeRunningHome(context)
  const answer = {
    url: 'http://localhost:8080/invitations/s3cret',
    hours: 24,
    note: 'Mail is off.',
  }
  const requests = await answerAsPlane(context, home, { 'POST /hokku/invitations': answer })
  const words = [
    'invite',
    'ann@x.org',
    '--role',
    'owner',
    '--app',
    'shop',
    '--permissions',
    'view,deploy',
  ]

  const { output, errors } = await runHokku(context, home, words)

  assert.equal(output, answer.url)
  assert.match(errors, /Mail is off\.[^]*ann@x\.org[^]*24 hours/)
  assert.deepEqual(requests, [
    'POST /hokku/invitations {"email":"ann@x.org","role":"owner","app":"shop","permissions":["view","deploy"]}',
  ])
})

test('inviting a person who is in already says so', async (context) => {
  const home = makeRunningHome(context)
  const answer = { url: null, hours: 24, note: null }
  await answerAsPlane(context, home, { 'POST /hokku/invitations': answer })

  const { output } = await runHokku(context, home, ['invite', 'ann@x.org', '--app', 'shop'])

  assert.equal(output, 'ann@x.org is in already, and may use shop.')
})

test('the audit log is asked for an app, a person and a number of lines', async (context) => {
  const home = makeRunningHome(context)
  const path = '/hokku/audit?max=5&app=shop&email=ann%40x.org'
  const entry = { at: '2026-11-30T10:00:00.000Z', credential: 'token 1', address: '127.0.0.1' }
  const entries = [
    { ...entry, email: 'ann@x.org', action: 'POST /apps/shop/builds', status: 201 },
    { ...entry, email: null, credential: null, action: 'DELETE /apps/shop', status: 401 },
  ]
  await answerAsPlane(context, home, { [`GET ${path}`]: entries, 'GET /hokku/audit?max=100': [] })

  const some = await runHokku(context, home, [
    'audit',
    '--app',
    'shop',
    '--user',
    'ann@x.org',
    '--lines',
    '5',
  ])
  const none = await runHokku(context, home, ['audit'])

  assert.match(some.output, /2026-11-30T10:00:00 +ann@x\.org +token 1 .*builds +done/)
  assert.match(some.output, /no token .*DELETE \/apps\/shop +refused, 401/)
  assert.equal(none.output, 'Nothing yet.')
})

test('what the control plane refuses is printed with its hint, exit code 1', async (context) => {
  const home = makeRunningHome(context)
  await answerAsPlane(context, home, {})

  const { code, errors } = await runHokku(context, home, ['domains:waive', 'www.x.org'])

  assert.equal(code, 1)
  assert.match(errors, /There is no POST \/hokku\/domains\/www\.x\.org\/waive\.[^]*hokku help/)
})

test('a control plane that does not answer is named with its log', async (context) => {
  const home = makeRunningHome(context)

  const { code, errors } = await runHokku(context, home, ['people'])

  assert.equal(code, 1)
  assert.match(errors, /does not answer[^]*control-plane\.log/)
})

test('domains:waive says what is served where', async (context) => {
  const home = makeRunningHome(context)
  const answer = { hostname: 'www.x.org', app: 'shop' }
  await answerAsPlane(context, home, { 'POST /hokku/domains/www.x.org/waive': answer })

  const { output } = await runHokku(context, home, ['domains:waive', 'www.x.org'])

  assert.equal(output, 'shop is served at www.x.org.')
})

test('token prints the owner’s token, and can make a new one first', async (context) => {
  const home = makeRunningHome(context)
  const requests = await answerAsPlane(context, home, { 'POST /hokku/token': {} })

  assert.equal((await runHokku(context, home, ['token'])).output, 'of-owner')
  assert.equal((await runHokku(context, home, ['token', '--rotate'])).output, 'of-owner')
  assert.deepEqual(requests, ['POST /hokku/token'])
})

test('status shows processes, apps and a backup that failed', async (context) => {
  const home = makeRunningHome(context)
  const apps = [{ name: 'shop', url: 'http://shop.localhost:8080', dynos: { 'web.1': 'up' } }]
  await answerAsPlane(context, home, { 'GET /hokku/apps': apps })
  const plan = { at: '02:00', to: '/mnt', passphraseFile: '/root/passphrase' }
  writeFileSync(join(home.backups, 'schedule.json'), JSON.stringify(plan))
  const outcome = { at: '2026-11-30T02:00:00.000Z', failure: 'the disk is full', folders: [] }
  writeFileSync(join(home.backups, 'last-backup.json'), JSON.stringify(outcome))

  const { output } = await runHokku(context, home, ['status'])
  const json = await runHokku(context, home, ['status', '--json'])

  assert.match(output, /router +not running/)
  assert.match(output, /The last backup failed, 2026-11-30T02:00:00\.000Z: the disk is full/)
  assert.match(output, /shop +http:\/\/shop\.localhost:8080 +web\.1 up/)
  assert.equal(JSON.parse(json.output).supervisor.pid, process.pid)
})

test('commands that need a platform say how to start one', async (context) => {
  const home = makeRunningHome(context)
  rmSync(supervisorFile(home))

  for (const command of ['status', 'env', 'ci:run', 'apps', 'backup']) {
    const { code, errors } = await runHokku(context, home, [command])
    assert.equal(code, 1, command)
    assert.match(errors, /hokku is not running[^]*hokku up --detach/, command)
  }
  const down = await runHokku(context, home, ['down'])
  assert.deepEqual([down.code, down.output], [0, 'hokku is not running.'])
})

test('up and restore refuse a home on which a platform runs', async (context) => {
  const home = makeRunningHome(context)

  const up = await runHokku(context, home, ['up', '--home', home.root])
  const restore = await runHokku(context, home, ['restore', '/mnt/backup', '--home', home.root])

  assert.equal(up.code, 1)
  assert.match(up.errors, /already running[^]*hokku down/)
  assert.equal(restore.code, 1)
  assert.match(restore.errors, /is running on[^]*hokku down/)
})

test('a backup is scheduled and unscheduled; what cannot work is refused first', async (context) => {
  const home = makeRunningHome(context)
  const file = join(home.root, 'passphrase')
  writeFileSync(file, 'correct horse\n')
  const schedule = async (...words: string[]) =>
    await runHokku(context, home, ['backup', '--to', '/mnt/backups', '--schedule', ...words])

  const refused = [
    [await schedule('25:00', '--passphrase-file', file), /--schedule takes a time such as 02:00/],
    [await schedule('02:00'), /A schedule needs --passphrase-file/],
    [await runHokku(context, home, ['backup']), /A backup needs a passphrase/],
    [
      await runHokku(context, home, ['backup'], { HOKKU_BACKUP_PASSPHRASE: 'short' }),
      /at least 8 characters/,
    ],
  ] as const
  const planned = await schedule('02:00', '--passphrase-file', file)
  const ended = await schedule('off')

  for (const [{ code, errors }, message] of refused) {
    assert.equal(code, 2)
    assert.match(errors, message)
  }
  assert.match(planned.output, /every day at 02:00 UTC to \/mnt\/backups/)
  assert.equal(ended.output, 'No backups are scheduled any more.')
})

test('connect refuses an address that is none, and a server that does not answer', async (context) => {
  const home = makeRunningHome(context)
  const env = { HEROKU_API_KEY: 'a token' }

  const wrong = await runHokku(context, home, ['connect', 'apps.example.com'], env)
  const dead = await runHokku(context, home, ['connect', 'http://127.0.0.1:1'], env)

  assert.equal(wrong.code, 2)
  assert.match(wrong.errors, /takes an http or https address, not 'apps\.example\.com'/)
  assert.equal(dead.code, 1)
  assert.match(dead.errors, /No hokku answers at 127\.0\.0\.1:1/)
})

test('doctor names each finding, and what to do about it', async (context) => {
  const home = makeRunningHome(context)

  const { output } = await runHokku(context, home, ['doctor'], { PATH: '/nowhere' })
  const json = await runHokku(context, home, ['doctor', '--json'], { PATH: '/nowhere' })

  assert.match(output, /→ /)
  assert.ok(Array.isArray(JSON.parse(json.output)))
})
