import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { herokuScript } from '../launchers.ts'
import { herokuCli } from './heroku-cli.ts'
import { putProgram } from './testing.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

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
