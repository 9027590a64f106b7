import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, chownSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const UID = 54_321
const AS_NOBODY = ['--reuid', `${UID}`, '--regid', `${UID}`, '--clear-groups', '--']
const suite = join(import.meta.dirname, 'local-plain.system.ts')

const unfit = (): string | false => {
  if (process.getuid?.() !== 0) return 'not root: the plain suite has run without it already'
  const readable = spawnSync('setpriv', [...AS_NOBODY, process.execPath, '--check', suite])
  return readable.status === 0 ? false : 'another user cannot read this checkout'
}

test('the local engine does all it must without root', { skip: unfit() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-nobody-'))
  chownSync(folder, UID, UID)
  const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder }
  const command = [...AS_NOBODY, process.execPath, '--test', suite]

  const { status, stdout } = spawnSync('setpriv', command, { env, encoding: 'utf8' })

  rmSync(folder, { recursive: true, force: true })
  const failed = stdout
    .split('\n')
    .filter((line) => line.includes('✖') || line.startsWith('not ok'))
  assert.equal(status, 0, failed.join('\n'))
  assert.match(stdout, /without root/)
})
