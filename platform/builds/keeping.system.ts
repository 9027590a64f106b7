import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
  assert.match(push.output, /Git LFS pointers in place of files: models\/model\.pkl\. hokku has no/)
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
