import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CliLogins } from './cli-logins.ts'

test('an address that begins many logins cancels none of another', () => {
  const logins = new CliLogins()
  const mine = logins.begin('Heroku CLI login', '192.0.2.1')

  const flood = Array.from({ length: 500 }, () => logins.begin('Heroku CLI login', '192.0.2.66'))

  assert.ok(logins.find(mine.id))
  assert.equal(flood.filter(({ id }) => logins.find(id) !== undefined).length, 20)
})

test('a login that is not confirmed is forgotten after its time', () => {
  let now = Date.parse('2026-11-30T00:00:00Z')
  const logins = new CliLogins(() => new Date(now))
  const { id } = logins.begin('Heroku CLI login', '192.0.2.1')

  now += 11 * 60_000

  assert.equal(logins.find(id), undefined)
})
