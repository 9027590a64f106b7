import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lastBackup, writeBackupPlan } from '../backup-plan.ts'
import { supervisorFile } from '../installation.ts'
import { makeRunningHome } from '../testing.ts'
import { keepBackups } from './keep-backups.ts'

test('a scheduled backup that fails is written down with its reason', async (context) => {
  const home = makeRunningHome(context)
  rmSync(supervisorFile(home))
  const passphraseFile = join(home.root, 'passphrase')
  writeFileSync(passphraseFile, 'correct horse\n')
  // Due on every day at any time.
  await writeBackupPlan(home, { at: '00:00', to: join(home.root, 'to'), passphraseFile })
  const stop = new AbortController()
  const said: string[] = []

  const kept = keepBackups(home, process.env, stop.signal, (line) => {
    said.push(line)
    stop.abort()
  })
  await kept

  const { at, failure, folders } = await lastBackup(home)
  assert.match(failure ?? '', /hokku is not running/)
  assert.match(said.join(), /The scheduled backup failed: .*hokku is not running/)
  assert.ok(at !== null)
  assert.deepEqual(folders, [])
})
