import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestPlane, runHere } from './testing.ts'

/** Builds that run an app's tests instead of releasing it: `hokku ci:run`. */
const plane = await openTestPlane()
after(() => plane.close())

/** Sends files for a test build. @returns the app, what was printed and how the build ended */
async function testRun(name: string, files: Record<string, string>) {
  const app = plane.app(name)
  const repository = await plane.repository(files)
  await runHere(
    ['git', 'archive', '--format=tar.gz', '--output=out.tgz', 'HEAD'],
    repository.folder,
  )
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(plane.url + path, {
      method,
      headers: { authorization: `Bearer ${plane.token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Record<string, string> & {
      source_blob: Record<string, string>
    }
  }
  const { source_blob } = await call('POST', '/sources', {})
  await fetch(source_blob['put_url'] ?? '', {
    method: 'PUT',
    body: readFileSync(join(repository.folder, 'out.tgz')),
  })
  const started = await call('POST', `/apps/${name}/builds`, {
    source_blob: { url: source_blob['get_url'] },
    test: true,
  })
  const printed = await (await fetch(started['output_stream_url'] ?? '')).text()
  const build = await call('GET', `/apps/${name}/builds/${started['id']}`)
  return { app, printed, build }
}

const appJson = (scripts: object, env: object = {}) =>
  JSON.stringify({ env, environments: { test: { env: { MODE: 'testing' }, scripts } } })

test('the commands of app.json run where dynos would, with config vars, and nothing is released', async () => {
  const { app, printed, build } = await testRun('tested', {
    Procfile: 'web: sleep 9\nrelease: exit 1\n',
    '.profile.d/own.sh': 'export OWN=yes\n',
    'app.json': appJson(
      { 'test-setup': 'echo prepared > file', test: 'echo "$CI $MODE $OTHER $OWN $(cat file)"' },
      { OTHER: 'too' },
    ),
  })

  assert.match(printed, /-----> Running test-setup command `echo prepared > file`\.\.\.\n/)
  assert.match(printed, /\ntrue testing too yes prepared\n/)
  assert.match(printed, /-----> test command `echo .*` completed successfully\n/)
  assert.deepEqual([build['status'], build['failure']], ['succeeded', null])
  assert.equal(plane.store.releases.current(app.id)?.slugId ?? null, null)
})

test('a command that fails fails the build, and is named with its status', async () => {
  const { printed, build } = await testRun('failing', {
    Procfile: 'web: sleep 9\n',
    'app.json': appJson({ test: 'echo one is not two; exit 3' }),
  })

  assert.match(printed, /\none is not two\n/)
  assert.match(printed, / ! {5}Test run failed\n/)
  assert.equal(build['status'], 'failed')
  assert.match(build['failure'] ?? '', /^test command `.*` failed with exit status 3$/)
})

test('without a command and a bin/test of the buildpack there is nothing to run', async () => {
  const { build } = await testRun('untested', { Procfile: 'web: sleep 9\n' })

  assert.equal(
    build['failure'],
    'There are no tests to run: the Procfile buildpack has no bin/test.',
  )
})
