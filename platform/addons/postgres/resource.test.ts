import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  credentialOf,
  draftDatabase,
  withCredential,
  withNewPassword,
  withoutCredential,
} from './resource.ts'
import { DatabaseResource } from './schema.ts'
import { scramVerifier } from './scram.ts'

test('a new database has random names that need no quoting anywhere', () => {
  const resource = draftDatabase()

  assert.deepEqual(DatabaseResource.parse(resource), resource)
  assert.match(credentialOf(resource, null).password, /^p[0-9a-f]{64}$/)
})

test('one credential or all of them get a new password; names stay', () => {
  const before = withCredential(draftDatabase(), 'reports')

  const one = withNewPassword(before, 'reports')
  const all = withNewPassword(before)

  assert.deepEqual(one.credentials['default'], before.credentials['default'])
  assert.notEqual(one.credentials['reports']?.password, before.credentials['reports']?.password)
  assert.notEqual(all.credentials['default']?.password, before.credentials['default']?.password)
  assert.equal(all.credentials['default']?.user, before.credentials['default']?.user)
})

test('credentials are added once, found by namespace, and removed', () => {
  const resource = withCredential(draftDatabase(), 'reports')

  assert.throws(() => withCredential(resource, 'reports'), { code: 'invalid_params' })
  assert.throws(() => withCredential(resource, 'a b'), { code: 'invalid_params' })
  assert.equal(credentialOf(resource, 'credential:reports'), resource.credentials['reports'])
  assert.throws(() => credentialOf(withoutCredential(resource, 'reports'), 'credential:reports'), {
    code: 'not_found',
  })
})

test('a verifier is what PostgreSQL itself would store', () => {
  // Password and salt of the example in RFC 7677.
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')

  assert.equal(
    scramVerifier('pencil', salt),
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})
