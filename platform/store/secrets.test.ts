import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { secretsOf } from './secrets.ts'

const secrets = secretsOf(randomBytes(32))

test('a sealed value opens for what it was sealed about and nothing else', () => {
  const sealed = secrets.seal('s3cret ü', 'app/NAME')

  assert.equal(secrets.open(sealed, 'app/NAME'), 's3cret ü')
  assert.throws(() => secrets.open(sealed, 'app/OTHER'))
})

test('a value that was tampered with does not open', () => {
  const sealed = secrets.seal('value', 'about')
  const last = sealed.length - 1
  sealed[last] = (sealed[last] ?? 0) ^ 1

  assert.throws(() => secrets.open(sealed, 'about'))
})
