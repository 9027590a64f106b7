import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { unitFile } from './service-unit.ts'

const lacks = spawnSync('systemd-analyze', ['--version']).status !== 0

test('systemd finds no fault in the unit', { skip: lacks && 'needs systemd-analyze' }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-unit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'hokku.service')
  const unit = unitFile({
    program: join(import.meta.dirname, 'bin/hokku'),
    args: ['--home', join(folder, 'a "100%" $HOME'), '--port', '443'],
    home: folder,
    settingsFile: join(folder, 'service.env'),
    isPersonal: false,
  })
  writeFileSync(file, unit)

  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
    encoding: 'utf8',
  })

  const faults = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('hokku'))
  assert.deepEqual(faults, [])
  assert.equal(status, 0, stderr)
})
