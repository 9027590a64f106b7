import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { herokuCli, isInstalled } from './heroku-cli.ts'
import { installHerokuCli } from './install.ts'
import { resultOf, type NpmResult } from './npm.ts'
import { putProgram } from './testing.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const DONE: NpmResult = { isDone: true, isOffline: false, output: '' }

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

test('what npm says without a network differs from other failures, which keep its words', () => {
  const offline = `npm error code ENOTFOUND\nnpm error network request to https://x failed\n`
  const other = `npm error code EINTEGRITY\nnpm error sha512-x integrity checksum failed
npm error A complete log of this run can be found in: /root/.npm/_logs/x.log\n`

  assert.equal(resultOf(0, '').isDone, true)
  assert.equal(resultOf(1, offline).isOffline, true)
  assert.deepEqual(resultOf(1, other), {
    isDone: false,
    isOffline: false,
    output: 'code EINTEGRITY sha512-x integrity checksum failed',
  })
})
