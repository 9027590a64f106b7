import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { herokuScript } from '../launchers.ts'
import { herokuCli, isInstalled } from './heroku-cli.ts'
import { installHerokuCli } from './install.ts'
import type { NpmResult } from './npm.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const DONE: NpmResult = { isDone: true, isOffline: false, output: '' }

/** What npm leaves behind, without 400 MB: the one file that counts as installed. */
function putProgram(folder: string): void {
  const bin = join(folder, 'node_modules/heroku/bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'run.js'), 'console.log("heroku", ...process.argv.slice(2))')
}

/** Counts how often npm ran; it takes a moment, as in life. */
function countingNpm() {
  const calls: string[] = []
  const npmCi = async (folder: string): Promise<NpmResult> => {
    calls.push(folder)
    assert.deepEqual(readdirSync(folder).toSorted(), ['package-lock.json', 'package.json'])
    await new Promise((resolve) => setTimeout(resolve, 100))
    putProgram(folder)
    return DONE
  }
  return { calls, npmCi }
}

const silent = (): void => {}

test('two that need it at the same time install it once', async () => {
  const cli = herokuCli(parent)
  const { calls, npmCi } = countingNpm()
  const said: string[] = []

  await Promise.all([
    installHerokuCli(cli, { npmCi, say: (line) => said.push(line) }),
    installHerokuCli(cli, { npmCi, say: (line) => said.push(line) }),
  ])
  await installHerokuCli(cli, { npmCi, say: (line) => said.push(line) })

  assert.equal(calls.length, 1)
  assert.ok(isInstalled(cli))
  assert.deepEqual(said.map((line) => line.slice(0, 10)).toSorted(), ['Another pr', 'Installing'])
})

test('an installation that fails leaves nothing behind, and the next one works', async () => {
  const cli = herokuCli(parent)
  const offline = { isDone: false, isOffline: true, output: 'ENOTFOUND' }

  await assert.rejects(
    installHerokuCli(cli, { npmCi: async () => offline, say: silent }),
    (error) =>
      error instanceof Problem &&
      error.code === 'heroku_cli_missing' &&
      error.hint === 'Try again with: hokku heroku version',
  )

  assert.deepEqual(readdirSync(parent), ['install.lock'])
  await installHerokuCli(cli, { npmCi: countingNpm().npmCi, say: silent })
  assert.ok(isInstalled(cli))
})

test('older versions and what killed installations left are removed', async () => {
  const cli = herokuCli(parent)
  for (const name of ['10.0.0-aaaaaaaa', '11.10.0-bbbbbbbb.x.tmp']) putProgram(join(parent, name))

  await installHerokuCli(cli, { npmCi: countingNpm().npmCi, say: silent })

  const left = readdirSync(parent).filter((name) => name !== 'install.lock')
  assert.deepEqual(left, [cli.folder.slice(parent.length + 1)])
})

test('the launcher runs the installed CLI, and answers git without it', () => {
  const bin = join(parent, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'git-credential-hokku'), '#!/bin/sh\necho "ours: $*"\n', { mode: 0o755 })
  const script = herokuScript({ bin }, join(parent, "it's here"))
  const call = (...args: string[]) =>
    spawnSync('sh', ['-c', script, 'heroku', ...args], {
      env: { PATH: process.env['PATH'], npm_config_registry: 'http://127.0.0.1:9' },
      encoding: 'utf8',
    })

  assert.equal(call('git:credentials', 'get').stdout, 'ours: get\n')
  putProgram(herokuCli(join(parent, "it's here")).folder)
  assert.equal(call('apps', '--all').stdout, 'heroku apps --all\n')
})

test('without a network the launcher says so in one sentence with the command to run', () => {
  const script = herokuScript({ bin: parent }, join(parent, 'cli'))

  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'heroku', 'apps'], {
    env: {
      PATH: process.env['PATH'],
      HOME: parent,
      // Nothing listens on the port "discard".
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(parent, 'empty-cache'),
    },
    encoding: 'utf8',
  })

  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /package registry cannot be reached\./)
  assert.match(stderr, /hokku heroku version/)
  assert.doesNotMatch(stderr, /npm error/)
  assert.ok(!existsSync(herokuCli(join(parent, 'cli')).folder))
})
