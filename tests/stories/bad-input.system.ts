import assert from 'node:assert/strict'
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  checkOutFixture,
  eventually,
  startPlatform,
  type TestPlatform,
  freePort,
} from './platform.ts'

/** What goes wrong ends in a message that names the thing and the next step, and loses nothing. */
let platform: TestPlatform
let folder: string

before(async () => {
  platform = await startPlatform()
  folder = await checkOutFixture(platform, 'counter')
  await platform.sh('heroku create counter && git push heroku main', { cwd: folder })
  await stillServes()
})
after(async () => await platform.stop())

const stillServes = async (): Promise<void> => {
  await eventually(async () => ((await platform.get('counter')).status === 200 ? true : undefined))
}

/** Pushes a changed tree that must be refused, and puts the tree back. */
async function refusedPush(change: () => Promise<void>): Promise<string> {
  await change()
  await platform.sh('git add -A && git commit -qm broken', { cwd: folder })
  const { code, stdout, stderr } = await platform.attempt('git push heroku main', { cwd: folder })
  await platform.sh('git reset -q --hard HEAD~1 && git clean -qfd', { cwd: folder })
  assert.notEqual(code, 0, stdout + stderr)
  await stillServes()
  return stdout + stderr
}

test('an unknown app and a wrong token get what Heroku answers', async () => {
  const unknown = await platform.attempt('heroku apps:info -a nothing-here')
  assert.equal(unknown.code, 2)
  assert.match(unknown.stderr, /Couldn't find that app/)

  const wrong = await platform.attempt('heroku apps', { env: {} })
  assert.equal(wrong.code, 0)
  const refused = await platform.attempt('HEROKU_API_KEY=wrong heroku apps')
  assert.notEqual(refused.code, 0)
  assert.match(refused.stderr, /[Ii]nvalid/)
})

test('a Procfile with a broken line names the line', async () => {
  const printed = await refusedPush(() =>
    writeFile(join(folder, 'Procfile'), 'web node counter.js\n'),
  )

  assert.match(printed, /Procfile/)
  assert.match(printed, /line 1/i)
})

test('a build that fails says so in its own words, and the old version serves', async () => {
  const printed = await refusedPush(async () => {
    const broken = {
      name: 'counter',
      version: '1.0.0',
      scripts: { build: 'echo not today >&2; exit 7' },
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify(broken))
  })

  assert.match(printed, /not today/)
  assert.match(printed, /Push rejected/)
  assert.match(printed, /pre-receive hook declined/)
})

test('a tree in which nothing can be detected says what would be', async () => {
  const printed = await refusedPush(async () => {
    await rm(join(folder, 'Procfile'))
    await rm(join(folder, 'package.json'))
    await rm(join(folder, 'counter.js'))
  })

  assert.match(printed, /No default language could be detected/)
})

test('a buildpack that cannot be had is named, and one from this disk is refused', async () => {
  const local = await platform.attempt('heroku buildpacks:set file:///etc/passwd -a counter')
  assert.match(local.stderr, /no buildpack called\s+file:\/\/\/etc\/passwd/)

  const url = `https://localhost:${platform.port}/nothing/here.git`
  await platform.sh(`heroku buildpacks:set ${url} -a counter`)
  const printed = await refusedPush(() => appendFile(join(folder, 'counter.js'), '\n'))

  assert.match(printed, /nothing\/here\.git/)
  await platform.sh('heroku buildpacks:clear -a counter')
})

test('config vars that no shell could hold are refused, and nothing changes', async () => {
  const before = await platform.sh('heroku config -a counter')

  const { code, stderr } = await platform.attempt(`heroku config:set 'A-B=1' -a counter`)

  assert.notEqual(code, 0)
  assert.match(stderr, /A-B/)
  assert.equal(await platform.sh('heroku config -a counter'), before)
})

test('a second hokku up on the same home names the first', async () => {
  const { code, stderr } = await platform.attempt('hokku up --port 1 --detach')

  assert.equal(code, 1)
  assert.match(stderr, /already running/)
  assert.match(stderr, /hokku down/)
})

test('a port in use is named, with what to type instead', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  const { code, stderr } = await platform.attempt(
    `hokku up --port ${port} --home '${join(platform.folder, 'other')}' --detach`,
  )
  server.close()

  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`Port ${port}`))
  assert.match(stderr, /--port/)
})

test('a branch that is not the deploy branch is taken and not deployed', async () => {
  const printed = await platform.sh('git push heroku main:experiment', { cwd: folder })

  assert.match(printed, /main|master/)
  assert.match(await platform.sh('heroku releases -a counter'), /Deploy/)
})

test('a release command that fails keeps the old version, and retry runs it again', async () => {
  await writeFile(
    join(folder, 'Procfile'),
    'web: exec node counter.js\nrelease: echo no migration; exit 4\n',
  )
  await platform.sh('git add -A && git commit -qm "Bad release"', { cwd: folder })

  const { stdout, stderr } = await platform.attempt('git push heroku main', { cwd: folder })

  assert.match(stdout + stderr, /no migration/)
  assert.match(await platform.sh('heroku releases -a counter'), /release command failed|failed/i)
  await stillServes()
  const output = await platform.attempt('heroku releases:retry -a counter', { cwd: folder })
  assert.match(output.stdout + output.stderr, /no migration/)
})

test('a state file that is not a database says where it is and what to do', async () => {
  const home = join(platform.folder, 'corrupt')
  await mkdir(home, { recursive: true })
  await writeFile(
    join(home, 'hokku.sqlite'),
    'this is not a database at all, and never was one\n'.repeat(50),
  )

  const { code, stdout, stderr } = await platform.attempt(
    `hokku up --port ${await freePort()} --home '${home}' --detach`,
  )

  assert.notEqual(code, 0)
  assert.match(stdout + stderr, /hokku\.sqlite/)
})
