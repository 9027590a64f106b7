import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appUser, usableUids } from './app-user.ts'

const APP = '4f2d7a0e-9d1b-4d3c-8f6e-2b1a9c7d5e3f'

test('an app has the same user every time, and another app has another', () => {
  assert.deepEqual(appUser(APP), appUser(APP))
  assert.notEqual(appUser(APP).uid, appUser(`${APP}x`).uid)
  assert.match(appUser(APP).name, /^u\d+$/)
})

test('a machine with all user ids gives apps high ones', () => {
  const range = usableUids('         0          0 4294967295\n')

  assert.ok(appUser(APP, range).uid >= 2 ** 30)
})

test('a container with 65,536 user ids still gives every app its own', () => {
  const { uid } = appUser(APP, usableUids('0 100000 65536\n'))

  assert.ok(uid >= 20_000 && uid < 60_000)
})

test('a user namespace with a single id gives none', () => {
  assert.equal(usableUids('0 1000 1\n'), undefined)
})
