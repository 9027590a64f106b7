import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { markOf } from '@hokku/kit/process-mark'
import { Problem } from '@hokku/kit/problem'
import { homeAt } from '../store/index.ts'
import { apiOf, findInstallation, runningInstallation, supervisorFile } from './installation.ts'

const folder = mkdtempSync(join(tmpdir(), 'hokku-installation-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const address = { port: 8080, domain: 'localhost', bind: '127.0.0.1' }

/** A home in which `supervisor` has written that it runs. */
function newHome(name: string, supervisor: ReturnType<typeof markOf>) {
  const home = homeAt(join(folder, name))
  mkdirSync(home.run, { recursive: true })
  writeFileSync(supervisorFile(home), JSON.stringify({ supervisor, address }))
  writeFileSync(home.token, 'of-owner\n')
  return home
}

test('a platform is found while its supervisor lives', () => {
  const home = newHome('running', markOf(process.pid))

  assert.deepEqual(findInstallation(home)?.address, address)
  assert.equal(runningInstallation({ HOKKU_HOME: home.root }).home.root, home.root)
})

test('another process with the pid of a dead supervisor is not one', () => {
  const home = newHome('dead', { pid: process.pid, startedAt: 'long ago' })

  assert.equal(findInstallation(home), undefined)
  assert.throws(
    () => runningInstallation({ HOKKU_HOME: home.root }),
    (error) =>
      error instanceof Problem &&
      error.code === 'not_running' &&
      error.message.includes(home.root) &&
      /hokku up/.test(error.hint ?? ''),
  )
})

test('the API is asked as the owner, unless the environment has another key', () => {
  const installation = { home: newHome('api', markOf(process.pid)), address, supervisor: markOf(1) }

  assert.deepEqual(apiOf(installation, {}), { url: 'http://127.0.0.1:8080', token: 'of-owner' })
  assert.equal(apiOf(installation, { HEROKU_API_KEY: 'other' }).token, 'other')
})
