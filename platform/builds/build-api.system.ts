import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestPlane, runHere } from './testing.ts'

const plane = await openTestPlane()
after(() => plane.close())

type Json = Record<string, unknown>

/** A request as a client of the API makes it. */
async function call(method: string, path: string, body?: object) {
  const response = await fetch(plane.url + path, {
    method,
    headers: {
      authorization: `Bearer ${plane.token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Json & Json[] }
}

const put = (url: string, body: Uint8Array, type?: string) =>
  fetch(url, {
    method: 'PUT',
    body,
    ...(type !== undefined && { headers: { 'content-type': type } }),
  })

/** A tarball of files, below a folder of the given name if there is one. */
async function tarball(files: Record<string, string>, inside?: string): Promise<Buffer> {
  const repository = await plane.repository(files)
  const archive = ['git', 'archive', '--format=tar.gz', '--output=out.tgz']
  const prefix = inside === undefined ? [] : [`--prefix=${inside}/`]
  await runHere([...archive, ...prefix, 'HEAD'], repository.folder)
  return readFileSync(join(repository.folder, 'out.tgz'))
}

test('an uploaded source is built, and its output can be read at a secret address', async () => {
  const app = plane.app('source')
  const source = await call('POST', `/apps/${app.name}/sources`)
  const { get_url, put_url } = source.body['source_blob'] as { get_url: string; put_url: string }
  const upload = await put(put_url, await tarball({ Procfile: 'web: sleep 9\n' }, 'demo-1.0'))
  assert.equal(upload.status, 200)

  const started = await call('POST', `/apps/${app.id}/builds`, {
    source_blob: { url: get_url, version: 'v1.2.3' },
  })

  assert.equal(started.status, 201)
  assert.equal(started.body['status'], 'pending')
  const output = await (await fetch(started.body['output_stream_url'] as string)).text()
  assert.match(output, /-----> Procfile app detected/)
  assert.match(output, /Verifying deploy\.\.\. done\./)
  const ended = await call('GET', `/apps/${app.name}/builds/${started.body['id'] as string}`)
  assert.equal(ended.body['status'], 'succeeded')
  assert.deepEqual(ended.body['buildpacks'], [{ name: 'hokku/procfile', url: 'hokku/procfile' }])
  assert.equal(plane.store.releases.current(app.id)?.description, 'Deploy v1.2.3')
  assert.equal((await call('GET', `/apps/${app.name}/builds`)).body.length, 1)
  assert.equal((await call('DELETE', `/apps/${app.name}/builds/cache`)).status, 200)
})

test('a source that was never uploaded, or is no tarball, fails its build with the reason', async () => {
  const app = plane.app('no-source')
  const build = async (prepare: (url: string) => Promise<unknown>) => {
    const source = await call('POST', '/sources')
    const { get_url: url, put_url } = source.body['source_blob'] as Record<string, string>
    await prepare(put_url ?? '')
    const started = await call('POST', `/apps/${app.name}/builds`, { source_blob: { url } })
    return (await fetch(started.body['output_stream_url'] as string)).text()
  }

  assert.match(await build(async () => {}), /Nothing has been uploaded to that source yet/)
  assert.match(
    await build((url) => put(url, Buffer.from('not a tarball'), 'application/x-tar')),
    /The source tarball cannot be read/,
  )
  const guessed = await put(`${plane.url}/sources/guess`, Buffer.from('x'))
  assert.equal(guessed.status, 404)
})

test('a slug can be uploaded whole, and downloaded again', async () => {
  const app = plane.app('slugs')
  const blob = await tarball({ 'server.js': '// here', 'bin/run': '#!/bin/sh\n' }, './app')
  const created = await call('POST', `/apps/${app.name}/slugs`, {
    process_types: { web: 'node server.js' },
    commit: 'abc',
  })
  const { method, url } = created.body['blob'] as { method: string; url: string }
  assert.equal(method, 'put')

  const upload = await put(url, blob)

  assert.equal(upload.status, 200)
  assert.equal((await put(url, blob)).status, 422)
  const slug = (await call('GET', `/apps/${app.name}/slugs/${created.body['id'] as string}`)).body
  assert.match(slug['checksum'] as string, /^SHA256:[0-9a-f]{64}$/)
  const download = await fetch((slug['blob'] as { url: string }).url)
  const folder = (await plane.repository({ x: 'x' })).folder
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'slug.tgz'), Buffer.from(await download.arrayBuffer()))
  const unpacked = await runHere(['tar', 'xzf', 'slug.tgz', '-C', 'out'], folder)
  assert.equal(unpacked.code, 0, unpacked.output)
  assert.equal(readFileSync(join(folder, 'out/app/server.js'), 'utf8'), '// here')
})

test('a slug that is none, or leads out of its folder, is refused', async () => {
  const app = plane.app('bad-slugs')
  const upload = async (blob: Buffer, checksum?: string) => {
    const created = await call('POST', `/apps/${app.name}/slugs`, { process_types: {}, checksum })
    const answer = await put((created.body['blob'] as { url: string }).url, blob)
    return { status: answer.status, body: (await answer.json()) as Json }
  }
  const folder = (await plane.repository({ 'evil.txt': 'evil' })).folder
  const absolute = ['tar', '-czPf', 'evil.tgz', '--transform', 's#^#../../#', 'evil.txt']
  await runHere(absolute, folder)

  const evil = await upload(readFileSync(join(folder, 'evil.tgz')))
  const wrong = await upload(await tarball({ a: 'a' }, './app'), `SHA256:${'0'.repeat(64)}`)

  assert.equal(evil.status, 422)
  assert.equal(wrong.status, 422)
  assert.match(String(wrong.body['message']), /The slug's checksum is SHA256:/)
})

test('buildpacks are set by name or address, as the CLI sends them', async () => {
  const app = plane.app('packs')
  const path = `/apps/${app.name}/buildpack-installations`
  const registry = await fetch(`${plane.url}/buildpacks/heroku%2Fnodejs`)
  const { blob_url } = (await registry.json()) as { blob_url: string }
  const urls = [blob_url, 'https://example.com/pack.git#v1']

  const set = await call('PUT', path, { updates: urls.map((buildpack) => ({ buildpack })) })

  assert.deepEqual(
    set.body.map((one) => (one['buildpack'] as Json)['url']),
    urls,
  )
  assert.deepEqual((await call('GET', path)).body, set.body)
  const unknown = await call('PUT', path, { updates: [{ buildpack: 'heroku/cobol' }] })
  assert.equal(unknown.status, 422)
  assert.match(String(unknown.body['message']), /There is no buildpack called heroku\/cobol/)
  assert.deepEqual((await call('GET', path)).body, set.body)
  assert.deepEqual((await call('PUT', path, { updates: [] })).body, [])
})
