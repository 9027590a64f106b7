import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretsOf, type Transfer } from '../../store/index.ts'
import { expiredBackups } from './backup-files.ts'
import { parseMajor } from './client-tools.ts'
import { downloadToken, readDownloadToken } from './download-token.ts'

const backup = (num: number, change: Partial<Transfer> = {}): Transfer =>
  ({ id: `t${num}`, num, kind: 'backup', succeeded: true, scheduleId: null, ...change }) as Transfer

test('the oldest backups beyond those that are kept expire, scheduled ones apart', () => {
  const manual = Array.from({ length: 22 }, (_, i) => backup(i + 1))
  const scheduled = Array.from({ length: 9 }, (_, i) => backup(i + 101, { scheduleId: 's' }))

  const expired = expiredBackups([...scheduled, ...manual])

  assert.deepEqual(
    expired.map(({ num }) => num),
    [1, 2, 101, 102],
  )
})

test('failures and restores neither expire nor push anything out', () => {
  const failures = Array.from({ length: 40 }, (_, i) => backup(i + 10, { succeeded: false }))

  assert.deepEqual(expiredBackups([backup(1), ...failures, backup(99, { kind: 'restore' })]), [])
})

test('a download link works for an hour, and only as it was given out', () => {
  const secrets = secretsOf(new Uint8Array(32))
  const now = new Date('2026-11-21T06:00:00Z')
  const token = downloadToken({ id: 'abc' }, secrets, now)
  const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000)

  assert.equal(readDownloadToken(token, secrets, later(59)), 'abc')
  assert.equal(readDownloadToken(token, secrets, later(61)), undefined)
  assert.equal(readDownloadToken(`${token.slice(0, -2)}AA`, secrets, now), undefined)
  assert.equal(readDownloadToken('nonsense', secrets, now), undefined)
})

test('the version of a client program is read from what it says', () => {
  assert.equal(parseMajor('pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n'), 15)
  assert.equal(parseMajor('pg_restore (PostgreSQL) 17beta1\n'), 17)
  assert.throws(() => parseMajor('zsh: command not found'), TypeError)
})
