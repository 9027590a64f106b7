import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { openTestPlane, type TestPlane } from './testing.ts'

const plane = await openTestPlane()
after(() => plane.close())

const PROCFILE = { Procfile: 'web: sleep 9\n' }

function currentSlug(of: TestPlane, appId: string) {
  return of.store.slugs.get(of.store.releases.current(appId)?.slugId ?? '')
}

test('submodules come along when they are reached by HTTP, and are refused by file', async () => {
  const library = plane.app('library')
  const inner = await plane.repository({ ...PROCFILE, 'lib.txt': 'from the library' })
  await inner.git('push', plane.remote(library), 'main')
  const add = async (url: string) => {
    const repository = await plane.repository(PROCFILE)
    await repository.git('-c', 'protocol.file.allow=always', 'submodule', 'add', url, 'vendor/lib')
    await repository.commit({})
    return repository
  }
  const app = plane.app('submodules')

  const good = await (await add(plane.remote(library))).git('push', plane.remote(app), 'main')
  const bad = await (await add(inner.folder)).git('push', plane.remote(plane.app('file')), 'main')

  assert.equal(good.code, 0, good.output)
  assert.match(
    (await plane.run(app, 'cat vendor/lib/lib.txt; ls -a vendor/lib')).output,
    /^from the library/,
  )
  assert.equal(bad.code, 1)
  assert.match(bad.output, /The submodule vendor\/lib is at .* which is not fetched/)
})

test('pointers of Git LFS in place of files are named', async () => {
  const app = plane.app('pointers')
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`
  const repository = await plane.repository({
    ...PROCFILE,
    '.gitattributes': '*.pkl filter=lfs diff=lfs merge=lfs -text\n',
    'models/model.pkl': pointer,
    'notes.md': 'version https://git-lfs.github.com/spec/v1 is a format\n',
  })

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.equal(push.code, 0, push.output)
  assert.match(
    push.output,
    /Git LFS pointers in place of files: models\/model\.pkl\. The files were not uploaded/,
  )
})

const withoutLfs = spawnSync('git', ['lfs', 'version']).status !== 0 && 'git-lfs is not installed'

test(
  'Git LFS uploads files, builds have them, and clones fetch them',
  { skip: withoutLfs },
  async () => {
    const app = plane.app('large')
    const repository = await plane.repository(PROCFILE)
    const lfs = await repository.git('lfs', 'install', '--local')
    assert.equal(lfs.code, 0, lfs.output)
    await repository.commit({
      '.gitattributes': '*.pkl filter=lfs diff=lfs merge=lfs -text\n',
      'models/model one.pkl': 'a model',
    })

    const push = await repository.git('push', plane.remote(app), 'main')

    assert.equal(push.code, 0, push.output)
    assert.match(push.output, /Files of Git LFS: models\/model one\.pkl/)
    assert.equal((await plane.run(app, 'cat "models/model one.pkl"')).output, 'a model')
    const smudge = [
      '-c',
      'filter.lfs.smudge=git-lfs smudge -- %f',
      '-c',
      'filter.lfs.required=true',
    ]
    const clone = await repository.git(...smudge, 'clone', '--quiet', plane.remote(app), 'clone')
    assert.equal(clone.code, 0, clone.output)
    assert.equal(
      readFileSync(join(repository.folder, 'clone/models/model one.pkl'), 'utf8'),
      'a model',
    )
  },
)

test('LFS objects are kept for those who may push, and only under their checksum', async () => {
  const app = plane.app('objects')
  const oid = createHash('sha256').update('content').digest('hex')
  const at = `${plane.url}/${app.name}.git/info/lfs/objects`
  const viewer = plane.store.accounts.create('viewer@example.com')
  const { token } = plane.store.accounts.authorize(viewer.id, 'viewer')
  plane.store.collaborators.add(app.id, viewer.id, ['view'])
  type Asked = Readonly<{ method?: string; body?: string; headers?: Record<string, string> }>
  const ask = (path: string, init: Asked, password = plane.token): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`x:${password}`).toString('base64')}`
    const headers = { authorization, ...Object.fromEntries(new Headers(init.headers)) }
    return fetch(`${at}/${path}`, { ...init, headers })
  }
  const batch = (operation: string, size: number, password?: string) => {
    const headers = { 'content-type': 'application/vnd.git-lfs+json' }
    const body = JSON.stringify({ operation, objects: [{ oid, size }] })
    return ask('batch', { method: 'POST', headers, body }, password)
  }

  const wrong = await ask(oid, { method: 'PUT', body: 'other content' })
  const forbidden = await ask(oid, { method: 'PUT', body: 'content' }, token)
  const mayNot = await batch('upload', 7, token)
  const anonymous = await fetch(`${at}/${oid}`)
  const large = await (await batch('upload', 3 * 1024 ** 3)).text()
  const sent = await ask(oid, { method: 'PUT', body: 'content' })
  const again = await (await batch('upload', 7)).text()
  const found = await (await batch('download', 7, token)).text()
  const read = await (await ask(oid, {}, token)).text()
  const missing = await ask('0'.repeat(64), {})

  const statuses = [wrong, forbidden, mayNot, anonymous, sent, missing].map(({ status }) => status)
  assert.deepEqual(statuses, [422, 403, 403, 401, 200, 404])
  assert.match(large, /may have at most 2 GB/)
  assert.doesNotMatch(again, /"upload"/)
  assert.match(found, /"download":\{"href":"http/)
  assert.equal(read, 'content')
})

test('old slugs go, with the layers that only they had; what is kept can still be unpacked', async () => {
  const app = plane.app('retention')
  const repository = await plane.repository(PROCFILE)
  for (let i = 0; i < 12; i++) {
    await repository.commit({ 'version.txt': `version ${i}` })
    const push = await repository.git('push', plane.remote(app), 'main')
    assert.equal(push.code, 0, push.output)
  }
  await wait(500)

  const slugs = plane.store.slugs.list(app.id)

  assert.equal(slugs.length, 10)
  const packed = readdirSync(plane.home.slugs).filter((name) => name.endsWith('.zst'))
  const named = new Set(
    plane.store.slugs.list().flatMap((slug) => slug.manifest?.match(/[0-9a-f]{64}/g) ?? []),
  )
  assert.ok(packed.every((name) => named.has(name.replace('.tar.zst', ''))))
  rmSync(plane.home.unpacked, { recursive: true, force: true })
  assert.equal((await plane.run(app, 'cat version.txt')).output, 'version 11')
})

test('a damaged slug is not run: R17', async () => {
  const app = plane.app('damaged')
  const repository = await plane.repository({ ...PROCFILE, 'unique.txt': 'damaged' })
  await repository.git('push', plane.remote(app), 'main')
  const slug = currentSlug(plane, app.id)
  const digest = /"digest":"([0-9a-f]{64})"/.exec(slug.manifest ?? '')?.[1] ?? ''
  rmSync(plane.home.unpacked, { recursive: true, force: true })
  truncateSync(join(plane.home.slugs, `${digest}.tar.zst`), 100)

  await assert.rejects(plane.slugs.layers(slug), {
    code: 'slug_corrupt',
    message: 'Error R17 (Checksum error) -> Checksum does not match the expected value',
  })
  assert.deepEqual(readdirSync(join(plane.home.unpacked, 'apps', app.id)), [])
})

test('a control plane that is killed in mid-build restarts with the build failed and nothing left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-killed-'))
  const script = `
    const { openTestPlane } = await import(${JSON.stringify(join(import.meta.dirname, 'testing.ts'))})
    const plane = await openTestPlane({ folder: ${JSON.stringify(folder)}, plain: true })
    const app = plane.app('killed')
    console.log(JSON.stringify({ appId: app.id, remote: plane.remote(app) }))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { appId, remote } = JSON.parse(line) as { appId: string; remote: string }
  const open = join(folder, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  const marker = join(open, 'still-running')
  const repository = await plane.repository({
    'package.json': JSON.stringify({
      scripts: { 'heroku-prebuild': `echo waiting; sleep 4; touch ${marker}` },
    }),
  })
  let printed = ''
  const push = spawn('git', ['push', remote, 'main'], {
    cwd: repository.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  push.stderr.on('data', (chunk) => (printed += chunk))
  while (!printed.includes('waiting') && push.exitCode === null) await wait(20)

  child.kill('SIGKILL')
  await once(push, 'exit')
  const next = await openTestPlane({ folder, plain: true })
  after(() => next.close())
  await next.builds.recover()

  const [build] = next.builds.list(appId)
  assert.equal(build?.status, 'failed')
  assert.match(build?.failure ?? '', /The platform was restarted while this build was running/)
  await wait(4500)
  assert.ok(!existsSync(marker), 'the build went on without an owner')
  const again = await repository.git('push', next.remote(next.store.apps.get(appId)), 'main')
  assert.equal(again.code, 0, again.output)
})
