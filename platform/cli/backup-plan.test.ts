import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDue, keepNewest } from './backup-plan.ts'

test('a backup is due once a day, from its time on', () => {
  const plan = { at: '02:00', to: '/backups', passphraseFile: '/root/passphrase' }
  const at = (time: string): Date => new Date(`2026-11-30T${time}:00Z`)

  assert.ok(!isDue(plan, null, at('01:59')))
  assert.ok(isDue(plan, null, at('02:00')))
  assert.ok(isDue(plan, '2026-11-29T02:00:05Z', at('09:00')))
  assert.ok(!isDue(plan, '2026-11-30T02:00:05Z', at('09:00')))
})

test('the newest seven scheduled backups stay', () => {
  const folders = Array.from({ length: 9 }, (_, i) => `/backups/hokku-2026-11-0${i + 1}`)

  assert.deepEqual(keepNewest(folders).expired, folders.slice(0, 2))
})
