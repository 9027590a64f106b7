import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { listSubmodules, parseGitmodules, withSubmodule } from './submodules.ts'
import { openTestRepository } from './testing.ts'

const SETTINGS = `[submodule "lib"]
  path = vendor/lib
  url = https://example.com/lib.git
[submodule "gone"]
  path = elsewhere
  url = file:///etc
`

let opened: Awaited<ReturnType<typeof openTestRepository>>
/** Records another commit as `vendor/lib`. */
let commits: { inner: string; outer: string }

before(async () => {
  opened = await openTestRepository()
  const inner = await opened.commit({ 'a.txt': 'x' })
  await opened.inClone('update-index', '--add', '--cacheinfo', `160000,${inner},vendor/lib`)
  await opened.inClone('commit', '--quiet', '-m', 'Submodule')
  const outer = (await opened.inClone('rev-parse', 'HEAD')).trim()
  await opened.push(outer, async () => true)
  commits = { inner, outer }
})
after(() => opened.remove())

const list = (gitmodules: string) =>
  listSubmodules({ repository: opened.repository, sha: commits.outer, quarantine: [] }, gitmodules)

test('submodules are those of .gitmodules for which the commit records one', async () => {
  assert.deepEqual(await list(SETTINGS), [
    { path: 'vendor/lib', url: 'https://example.com/lib.git', sha: commits.inner },
  ])
  assert.deepEqual(await list(''), [])
})

test('a submodule of this machine is not fetched, and the push says what to change', async () => {
  for (const url of ['file:///etc', '/srv/lib', 'ext::sh -c date', 'git@example.com:lib.git']) {
    const failure = await list(`[submodule "lib"]\npath = vendor/lib\nurl = ${url}\n`).catch(
      (error: unknown) => error,
    )

    assert.ok(failure instanceof Problem, url)
    assert.equal(failure.code, 'build_rejected')
    assert.match(failure.message, /The submodule vendor\/lib is at .* which is not fetched/)
    assert.match(failure.hint ?? '', /https:\/\//)
  }
})

test('a .gitmodules that git cannot read is refused with its line, and includes nothing', async () => {
  await assert.rejects(list('[submodule "lib'), /\.gitmodules cannot be read: .*line 1/)
  assert.deepEqual(await list('[include]\n\tpath = /etc/gitconfig\n'), [])
})

test('a submodule that cannot be reached is named with its address, and leaves nothing', async () => {
  // Nothing listens on the port "discard".
  const submodule = { path: 'vendor/lib', url: 'http://127.0.0.1:9/lib.git', sha: commits.inner }
  const before = readdirSync(opened.root)
  const { signal } = new AbortController()

  const fetched = withSubmodule(
    submodule,
    { scratch: opened.root, environment: {}, signal },
    async () => {},
  )

  await assert.rejects(
    fetched,
    (error) =>
      error instanceof Problem &&
      /submodule vendor\/lib could not be fetched from http:\/\/127\.0\.0\.1:9\/lib\.git: /.test(
        error.message,
      ),
  )
  assert.deepEqual(readdirSync(opened.root), before)
})

test('.gitmodules is read as git reads it, with any name of a submodule', () => {
  const settings = [
    'submodule.a.b.path\nlib/a',
    'submodule.a.b.url\nhttps://example.com/a.git',
    'submodule.half.path\nlib/half',
    'submodule.new\nline.path\nnot read',
    'core.bare\ntrue',
  ]

  assert.deepEqual(parseGitmodules(`${settings.join('\0')}\0`), [
    { path: 'lib/a', url: 'https://example.com/a.git' },
  ])
})
