import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openTestPlane, runHere, type TestPlane } from './testing.ts'

/** The buildpack that declines languages by name. */
const OTHER = join(import.meta.dirname, 'buildpacks/other')

const plane = await openTestPlane()
after(() => plane.close())

const PROCFILE = { Procfile: 'web: sleep 1000\n' }
const SLOW = {
  'package.json': JSON.stringify({ scripts: { 'heroku-prebuild': 'echo waiting; sleep 3' } }),
}

/** Waits until an app's build runs. */
async function runningBuild(of: TestPlane, appId: string) {
  for (let i = 0; i < 200; i++) {
    const build = of.store.builds.pendingOf(appId)
    if (build !== undefined) return build
    await wait(50)
  }
  throw new Error('no build has started')
}

test('git is asked for credentials, and learns nothing about apps of others', async () => {
  const app = plane.app('mine')
  const foreigner = plane.store.accounts.create('stranger@example.com')
  const { token } = plane.store.accounts.authorize(foreigner.id, 'test')
  const ask = (authorization?: string) =>
    fetch(`${plane.url}/${app.name}.git/info/refs?service=git-receive-pack`, {
      headers: authorization === undefined ? {} : { authorization },
    })

  const unknown = await ask()
  const other = await ask(`Basic ${Buffer.from(`heroku:${token}`).toString('base64')}`)
  const owner = await ask(`Basic ${Buffer.from(`heroku:${plane.token}`).toString('base64')}`)

  assert.equal(unknown.status, 401)
  assert.match(unknown.headers.get('www-authenticate') ?? '', /^Basic /)
  assert.equal(other.status, 404)
  assert.match(await other.text(), /Couldn't find that app/)
  assert.equal(owner.status, 200)
  assert.equal(owner.headers.get('content-type'), 'application/x-git-receive-pack-advertisement')
  assert.match(await owner.text(), /^001f# service=git-receive-pack\n0000/)
})

test('a branch that does not deploy is accepted and not built', async () => {
  const app = plane.app('branches')
  const repository = await plane.repository(PROCFILE)

  const push = await repository.git('push', plane.remote(app), 'main:feature')

  assert.equal(push.code, 0, push.output)
  assert.match(push.output, /Pushed to non-main branch, skipping build\./)
  assert.deepEqual(plane.builds.list(app.id), [])
})

test('a tag can be pushed to master, and cloned again', async () => {
  const app = plane.app('tags')
  const repository = await plane.repository(PROCFILE)
  await repository.git('tag', '--annotate', '--message', 'Hello', '0.1.0-hello-world')

  const push = await repository.git('push', plane.remote(app), '0.1.0-hello-world^{}:master')

  assert.equal(push.code, 0, push.output)
  assert.match(push.output, /Released v1/)
  const clone = await repository.git('clone', '--quiet', plane.remote(app), 'clone')
  assert.equal(clone.output, '')
  assert.ok(existsSync(join(repository.folder, 'clone/Procfile')))
})

test('a shallow clone, as CI services check out, is deployed and accepted', async () => {
  const app = plane.app('shallow')
  const source = await plane.repository(PROCFILE)
  await source.commit({ 'second.txt': 'two' })
  await source.git('clone', '--quiet', '--depth', '1', `file://${source.folder}`, 'clone')
  const push = (branch: string) =>
    source.git('-C', 'clone', 'push', plane.remote(app), `HEAD:${branch}`)

  const first = await push('main')
  const second = await push('feature')

  assert.equal(first.code, 0, first.output)
  assert.match(first.output, /Released v1/)
  assert.equal(second.code, 0, second.output)
  const whole = await source.git('push', plane.remote(app), 'main')
  assert.equal(whole.code, 0, whole.output)
})

test('pushing the same commit again deploys nothing', async () => {
  const app = plane.app('again')
  const repository = await plane.repository(PROCFILE)
  await repository.git('push', plane.remote(app), 'main')

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.match(push.output, /Everything up-to-date/)
  assert.equal(plane.builds.list(app.id).length, 1)
})

test('a push of several megabytes arrives whole', async () => {
  const app = plane.app('large')
  const noise = randomBytes(3 * 1024 * 1024).toString('base64')
  const repository = await plane.repository({ ...PROCFILE, 'noise.txt': noise })

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.equal(push.code, 0, push.output)
  assert.ok((plane.store.apps.get(app.id).slugSize ?? 0) > 2 * 1024 * 1024)
})

test('a second push while a build runs is answered with that build’s id', async () => {
  const app = plane.app('twice')
  const repository = await plane.repository(SLOW)
  const first = repository.git('push', plane.remote(app), 'main')
  const running = await runningBuild(plane, app.id)

  const second = await repository.git('push', plane.remote(app), 'main:master')

  assert.equal(second.code, 1)
  assert.ok(second.output.includes(`A build of twice is already running: ${running.id}`))
  assert.equal((await first).code, 0)
})

test('a client that is killed stops nothing: the build releases and the branch moves', async () => {
  const app = plane.app('killed')
  const repository = await plane.repository(SLOW)
  const client = spawn('git', ['push', plane.remote(app), 'main'], {
    cwd: repository.folder,
    detached: true,
    stdio: 'ignore',
  })
  const running = await runningBuild(plane, app.id)
  process.kill(-(client.pid ?? 0), 'SIGKILL')
  await once(client, 'exit')

  const build = await plane.builds.ended(running.id)

  assert.equal(build.status, 'succeeded')
  assert.notEqual(plane.store.releases.current(app.id)?.slugId, null)
  for (let i = 0; i < 100; i++) {
    if ((await repository.git('ls-remote', plane.remote(app))).output !== '') break
    await wait(50)
  }
  assert.match((await repository.git('ls-remote', plane.remote(app))).output, /refs\/heads\/main/)
})

test('destroying an app ends its build', async () => {
  const app = plane.app('destroyed')
  const repository = await plane.repository({
    'package.json': JSON.stringify({ scripts: { 'heroku-prebuild': 'sleep 300' } }),
  })
  const push = repository.git('push', plane.remote(app), 'main')
  const running = await runningBuild(plane, app.id)

  await plane.builds.remove(app.id)

  assert.equal((await push).code, 1)
  assert.ok(!existsSync(join(plane.home.builds, running.id)))
  assert.ok(!existsSync(join(plane.home.apps, app.id)))
})

test('what cannot be built says what to do', async () => {
  const nothing = await plane.repository({ 'README.md': 'Nothing to run\n' })
  const procfile = await plane.repository({ Procfile: 'web npm start\n' })

  const undetected = await nothing.git('push', plane.remote(plane.app('undetected')), 'main')
  const broken = await procfile.git('push', plane.remote(plane.app('procfile')), 'main')

  assert.match(undetected.output, / !     No default language could be detected for this app\./)
  assert.match(broken.output, /Procfile, line 1 is not "type: command": web npm start/)
  assert.match(broken.output, /pre-receive hook declined/)
})

test('an app in a language that hokku does not build is declined by name, Procfile or not', async () => {
  const files = ['Gemfile', 'composer.json', 'project.clj', 'mix.exs', 'app.csproj', 'heroku.yml']
  const names = ['Ruby', 'PHP', 'Clojure', 'Elixir', '.NET', 'Docker']
  for (const [index, file] of [...files, 'Dockerfile', 'environment.yml'].entries()) {
    const name = names[index] ?? ['Docker', 'Conda'][index - names.length] ?? ''
    const repository = await plane.repository({ [file]: '', Procfile: 'web: run\n' })
    const ran = await runHere([join(OTHER, 'bin/detect'), repository.folder], repository.folder)
    assert.equal(ran.output.trim(), name)
    const { output, code } = await runHere([join(OTHER, 'bin/compile'), '.'], repository.folder)
    assert.equal(code, 1)
    assert.ok(output.includes(file), output)
    if (index < 5) assert.match(output, /heroku buildpacks:set https:\/\/github\.com\/\w+\//)
  }
  const app = plane.app('ruby')
  const repository = await plane.repository({ Gemfile: '', Procfile: 'web: bundle exec puma\n' })

  const push = await repository.git('push', plane.remote(app), 'main')
  plane.store.buildpackInstallations.replace(app.id, [
    { url: 'hokku/procfile', name: 'hokku/procfile' },
  ])
  const anyway = await repository.git('push', plane.remote(app), 'main')

  assert.equal(push.code, 1)
  assert.match(push.output, /Ruby app detected[^]*heroku-buildpack-ruby[^]*failed to compile Ruby/)
  assert.equal(anyway.code, 0, anyway.output)
})

test('limits on size, space and time end a build with the limit named', async () => {
  const over = async (name: string, limits: object, files: Record<string, string>) => {
    const small = await openTestPlane({ limits })
    try {
      const repository = await small.repository(files)
      return (await repository.git('push', small.remote(small.app(name)), 'main')).output
    } finally {
      await small.close()
    }
  }
  const noise = { ...PROCFILE, 'noise.txt': randomBytes(200_000).toString('base64') }

  const size = await over('size', { slugBytesMax: 100_000 }, noise)
  const space = await over('space', { diskFreeMin: 2 ** 60 }, PROCFILE)
  const time = await over(
    'time',
    { buildMs: 25_000 },
    {
      'package.json': JSON.stringify({ scripts: { 'heroku-prebuild': 'sleep 60' } }),
    },
  )

  assert.match(size, /Compiled slug size: 0\.\dM is too large \(max is 0\.1M\)/)
  assert.match(space, /are free on the disk of .*Make room and push again/s)
  assert.match(time, /Build timed out after 25 seconds: bin\/compile of Node\.js did not end\./)
})
