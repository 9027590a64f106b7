import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { homeAt } from '../store/index.ts'
import { examineMachine } from './examine-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'hokku-doctor-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What is found on a machine that has these programs and nothing else on PATH. */
async function examine(programs: Record<string, string>, home = join(folder, 'no', 'home')) {
  const bin = mkdtempSync(join(folder, 'bin-'))
  for (const [name, output] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho '${output}'\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const findings = await examineMachine(homeAt(home), { PATH: bin })
  return new Map(findings.map((finding) => [finding.name, finding]))
}

test('without git nothing can be pushed: missing, with the command that installs it', async () => {
  const git = (await examine({})).get('git')

  assert.equal(git?.state, 'missing')
  assert.match(git.todo ?? '', /install git$/)
})

test('psql and pg_dump may not be older than the server', async () => {
  const found = await examine({
    git: '',
    psql: 'psql (PostgreSQL) 13.4',
    pg_dump: 'pg_dump (PostgreSQL) 17.2 (Debian 17.2-1)',
  })

  assert.equal(found.get('git')?.state, 'ok')
  assert.equal(found.get('psql')?.state, 'advice')
  assert.match(found.get('psql')?.found ?? '', /13\.4: older than the server/)
  assert.equal(found.get('pg_dump')?.state, 'ok')
})

test('what is only better to have is advice', async () => {
  const found = await examine({ git: '' })

  assert.equal(found.get('psql')?.state, 'advice')
  assert.match(found.get('psql')?.found ?? '', /heroku pg:psql/)
  assert.equal(found.get('python3')?.state, 'advice')
  assert.match(found.get('javac')?.todo ?? '', /default-jdk-headless$/)
  assert.match(found.get('Rscript')?.todo ?? '', /r-base-core/)
  assert.match(found.get('cargo')?.todo ?? '', /cargo/)
  assert.ok([...found.values()].every(({ state }) => state !== 'missing'))
})

test('the disk is that of the home, also before the home is there', async () => {
  const found = await examine({})

  assert.match(found.get('disk')?.found ?? '', /^[\d.]+ GB free for .*\/no\/home$/)
})

test('how to trust the certificates is said once there are any', async () => {
  const home = join(folder, 'home')
  const before = (await examine({}, home)).get('certificates')
  mkdirSync(join(home, 'certificates'), { recursive: true })
  writeFileSync(join(home, 'certificates/bundle.pem'), '')
  const after = (await examine({}, home)).get('certificates')

  assert.equal(before?.todo, undefined)
  assert.ok(after?.todo?.includes(join(home, 'certificates/root.pem')))
})
