import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { homeAt } from '../store/index.ts'
import { writeLaunchers } from './launchers.ts'

const folder = mkdtempSync(join(tmpdir(), "hokku's launchers-"))
after(() => rmSync(folder, { recursive: true, force: true }))

test('a home has a command of every framework beside hokku, heroku and what git calls', async () => {
  const home = homeAt(join(folder, 'all'))

  await writeLaunchers(home)
  await writeLaunchers(home)

  const names = readdirSync(home.bin)
  for (const name of [
    'hokku',
    'heroku',
    'git-credential-hokku',
    'pio',
    'psiturk',
    'model-server',
  ]) {
    assert.ok(names.includes(name), name)
  }
  for (const name of names) {
    assert.equal(statSync(join(home.bin, name)).mode & 0o777, 0o755)
    // Also a shell that only reads it finds nothing wrong.
    execFileSync('sh', ['-n', join(home.bin, name)])
  }
})

test('remote platforms share one official CLI, apart from their own launchers', async () => {
  const remote = homeAt(join(folder, 'remotes/server'))

  await writeLaunchers(remote, join(folder, 'shared'))

  const script = readFileSync(join(remote.bin, 'heroku'), 'utf8')
  assert.ok(script.includes('launchers-'))
  assert.ok(script.includes('/shared/'))
  assert.ok(!script.includes('remotes/server/heroku'))
})
