import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  addProgram,
  checkOutExample,
  eventually,
  freePort,
  startPlatform,
  type TestPlatform,
} from './platform.ts'

/** The README's tour, typed with the official heroku CLI on a freshly started hokku. */
let platform: TestPlatform
let folder: string
let annsToken = ''

before(async () => {
  platform = await startPlatform()
  folder = await checkOutExample(platform, 'hello')
})

after(async () => await platform.stop())

const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })

test('heroku create makes an app and the git remote', async () => {
  const printed = await type('heroku create hello')

  assert.match(printed, new RegExp(`http://hello.localhost:${platform.port}/`))
  assert.match(await type('git remote -v'), /heroku\s+https:\/\/localhost:\d+\/hello\.git/)
})

test('before the first push the app says that nothing is deployed', async () => {
  assert.equal((await platform.get('hello')).status, 502)
})

test('heroku addons:create brings a database and its config var', async () => {
  await type('heroku addons:create heroku-postgresql:hobby-dev --wait')

  assert.match(await type('heroku config:get DATABASE_URL'), /^postgres:\/\//)
})

test('git push builds, runs the release phase and serves', async () => {
  const printed = await type('git push heroku main')

  assert.match(printed, /remote: -----> Node\.js app detected/)
  assert.match(printed, /remote: Tables are there\./)
  assert.match(printed, /remote: Verifying deploy\.\.\. done\./)
  const answer = await eventually(async () => {
    const now = await platform.get('hello')
    return now.status === 200 ? now : undefined
  })
  assert.equal(answer.text, 'Hello from hokku\n')
  assert.deepEqual(JSON.parse((await platform.get('hello', '/visits')).text), { visits: 1 })
})

test('heroku config:set makes a release and the app has the new value', async () => {
  const printed = await type('heroku config:set ME=founders')

  assert.match(printed, /v\d+/)
  await eventually(async () =>
    (await platform.get('hello')).text === 'Hello from founders\n' ? true : undefined,
  )
})

test('heroku open opens the address of the app', async () => {
  const seen = join(platform.folder, 'opened')
  const programs = await addProgram(platform, 'browser', `#!/bin/sh\necho "$1" > '${seen}'\n`)

  await platform.attempt(`BROWSER='${programs}/browser' heroku open`, { cwd: folder })

  const url = await eventually(async () => await readFile(seen, 'utf8').catch(() => undefined))
  assert.equal(url.trim(), `http://hello.localhost:${platform.port}/`)
})

test('heroku logs --tail shows requests as they come, through a restart', async () => {
  const tail = platform.background('heroku logs --tail', { cwd: folder })

  await tail.until(/listening on/)
  await platform.get('hello', '/?seen=1')
  await tail.until(/heroku\[router\]: at=info method=GET path="\/\?seen=1".*status=200/)
  await type('heroku restart')
  await tail.until(/Stopping all processes with SIGTERM/)
  await tail.stop()
})

test('heroku ps:scale web=2 runs two dynos', async () => {
  await type('heroku ps:scale web=2 worker=1')

  await eventually(async () => {
    const ps = await type('heroku ps')
    return /web\.1: up[^]*web\.2: up/.test(ps) && /worker\.1: up/.test(ps) ? ps : undefined
  })
})

test('heroku run bash gives a terminal inside a dyno', async () => {
  const session = platform.background(
    `script -qec 'heroku run bash' /dev/null <<< $'tty; echo "I am $((40 + 2)) in $PWD"; exit\\n'`,
    { cwd: folder },
  )

  await session.until(/I am 42 in \/app/, 60_000)
  assert.match(session.output(), /\/dev\/(pts\/\d+|console)/)
  await session.stop()
})

test('heroku run -x passes the exit status on', async () => {
  const { code } = await platform.attempt(`heroku run -x -- '(exit 3)'`, { cwd: folder })

  assert.equal(code, 3)
})

test('heroku releases lists what happened, rollback undoes it', async () => {
  const releases = await type('heroku releases')
  assert.match(releases, /Set ME config vars/)
  assert.match(releases, /Deploy [0-9a-f]{8}/)
  assert.match(releases, /Attach DATABASE/)

  const deploy = /v(\d+)\s+Deploy/.exec(releases)?.[1]
  await type(`heroku rollback v${deploy}`)

  await eventually(async () =>
    (await platform.get('hello')).text === 'Hello from hokku\n' ? true : undefined,
  )
  assert.match(await type('heroku releases'), new RegExp(`Rollback to v${deploy}`))
})

test('heroku pg:psql reaches the database', async () => {
  const printed = await type(`heroku pg:psql -c 'select count(*) > 0 as visited from visits'`)

  assert.match(printed, /\bt\b/)
})

test('heroku pg:info and addons describe the database', async () => {
  assert.match(await type('heroku addons'), /heroku-postgresql/)
  assert.match(await type('heroku pg:info'), /PG Version/)
})

test('heroku domains shows the address, and takes one of your own', async () => {
  assert.match(await type('heroku domains'), /hello\.localhost/)

  await type('heroku domains:add www.example.test')

  assert.match(await type('heroku domains'), /www\.example\.test/)
  await type('heroku domains:remove www.example.test')
})

test('a second person comes in by a link, and pushes to their own app', async () => {
  const link = (await platform.sh('hokku invite ann@example.com 2> invited')).trim()
  const page = await platform.sh(`curl -sf -X POST ${link}`)
  const token = /HRKU-[0-9a-f]+/.exec(page)?.[0] ?? ''
  annsToken = token
  const ann = (line: string, at = platform.folder) =>
    platform.attempt(line, { cwd: at, env: { HEROKU_API_KEY: token } })
  const asAnn = (line: string, at?: string) => ann(`export HEROKU_API_KEY=${token}; ${line}`, at)

  assert.notEqual((await ann(`curl -sf -X POST ${link}`)).code, 0, 'the link works once')
  assert.match((await asAnn('heroku whoami')).stdout, /ann@example\.com/)
  assert.match((await asAnn('heroku config --app hello')).stderr, /Couldn't find that app/)

  const own = join(platform.folder, 'ann')
  await platform.sh(
    `git init -q -b main ${own} && cd ${own} && echo 'worker: sleep 1000' > Procfile &&
     git add -A && git -c user.name=Ann -c user.email=ann@example.com commit -qm first`,
  )
  assert.equal((await asAnn('heroku create anns-app', own)).code, 0)
  const pushed = await asAnn('git push heroku main', own)
  assert.match(pushed.stderr, /Verifying deploy\.\.\. done\./)

  const shared = await platform.sh('heroku access:add bob@example.com --app hello')
  assert.match(shared, /bob@example\.com is new here/)
  const audit = await platform.sh('hokku audit --user ann@example.com')
  assert.match(audit, /POST \/anns-app\.git\/git-receive-pack +done/)
  assert.ok(!audit.includes(link.split('/').at(-1) ?? ''))
})

test('an app reaches servers and the router, but no dyno of another app', async (t) => {
  const { notices } = await platform.status()
  const shared = notices.find((notice) => notice.includes('share the network'))
  if (shared !== undefined) return t.skip(shared)
  const database = new URL((await type('heroku config:get DATABASE_URL')).trim()).port
  const [web = ''] = webPorts()
  /** What a one-off of an app finds at a port of this machine. */
  const found = async (app: string, port: string | number): Promise<string> => {
    const line = `timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}' 2>&1 && echo it answers`
    const as = app === 'anns-app' ? `export HEROKU_API_KEY=${annsToken}; ` : ''
    const run = await platform.attempt(
      `${as}heroku run -x -a ${app} ${JSON.stringify(line)} < /dev/null`,
    )
    return /it answers|Connection refused/.exec(run.stdout)?.[0] ?? run.stdout + run.stderr
  }

  assert.equal(await found('hello', database), 'it answers')
  assert.equal(await found('hello', platform.port), 'it answers')
  assert.equal(await found('anns-app', platform.port), 'it answers')
  assert.equal(await found('anns-app', database), 'it answers', 'a password protects it')
  assert.equal(await found('anns-app', web), 'Connection refused')

  const { controlPlane } = await platform.status()
  process.kill(controlPlane.pid, 'SIGKILL')

  assert.ok(visitsIn((await platform.get('hello', '/visits')).text) > 0, 'the database answers')
  await eventually(async () => (await platform.attempt('heroku apps')).code === 0 || undefined)
  assert.equal(await found('anns-app', web), 'Connection refused')
  assert.ok(visitsIn((await platform.get('hello', '/visits')).text) > 0, 'the database answers')
})

/** Ports of the web dynos that run. */
function webPorts(): string[] {
  const db = new DatabaseSync(join(platform.home, 'hokku.sqlite'), { readOnly: true })
  const rows = db.prepare("select port from dynos where type = 'web' and port is not null").all()
  db.close()
  return rows.map(({ port }) => String(port))
}

test('a backup restored into an empty home elsewhere brings apps, data and people', async () => {
  const env = { HOKKU_BACKUP_PASSPHRASE: 'correct horse battery' }
  const before = visitsIn((await platform.get('hello', '/visits')).text)
  const made = await platform.attempt('hokku backup --to backups', { env })
  const folder = made.stdout.trim()
  const home = join(platform.folder, '../elsewhere')
  const elsewhere = { env: { ...env, HOKKU_HOME: home } }
  const inElsewhere = (line: string) =>
    platform.attempt(`export HOKKU_HOME=${home}; ${line}`, elsewhere)

  const refused = await inElsewhere(`HOKKU_BACKUP_PASSPHRASE=another-one hokku restore ${folder}`)
  assert.match(refused.stderr, /passphrase is not the one/)
  const restored = await inElsewhere(`hokku restore ${folder}`)
  assert.match(restored.stdout, /^Restored \d+ files/, restored.stderr)

  const port = await freePort()
  const up = await inElsewhere(`hokku up --port ${port} --detach`)
  try {
    assert.equal(up.code, 0, up.stderr)
    const curl = `curl -sf -H 'Host: hello.localhost:${port}' http://127.0.0.1:${port}/visits`
    const answer = await eventually(async () => {
      const { code, stdout } = await platform.attempt(curl)
      return code === 0 ? stdout : undefined
    })
    assert.ok(visitsIn(answer) > before)
    assert.match((await inElsewhere('hokku people')).stdout, /ann@example\.com +member +1 tokens/)
  } finally {
    await inElsewhere('hokku down')
  }
})

const visitsIn = (answer: string): number => (JSON.parse(answer) as { visits: number }).visits

test('a second platform lives beside the first', async () => {
  const second = await startPlatform()

  assert.equal(await second.sh('heroku apps').then((text) => /hello/.test(text)), false)
  await second.stop()
  assert.equal((await platform.get('hello')).status, 200)
})

test('after hokku down and up everything is as it was', async () => {
  await platform.sh('hokku down')
  await platform.sh(`hokku up --port ${platform.port} --detach`)

  await eventually(async () => ((await platform.get('hello')).status === 200 ? true : undefined))
  assert.match(await type('heroku releases'), /Set ME config vars/)
})

test('heroku apps:destroy takes the app away', async () => {
  await type('heroku apps:destroy --confirm hello')

  assert.equal((await platform.get('hello')).status, 404)
  assert.doesNotMatch(await type('heroku apps'), /hello/)
})
