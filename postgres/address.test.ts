import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '@hokku/kit/problem'
import { chooseDatabase } from './address.ts'

test('DATABASE_URL is used as it stands, in both spellings of the scheme', () => {
  for (const url of ['postgres://u:p@db.example.com:5432/x', 'postgresql://u:p@127.0.0.1/x']) {
    const choice = chooseDatabase({ DATABASE_URL: url, DYNO: 'web.1' })

    assert.deepEqual(choice, { kind: 'given', url })
  }
})

test('a MySQL address is refused with the reason and without its password', () => {
  const refuse = () => chooseDatabase({ DATABASE_URL: 'mysql://u:secret@db/x' })

  assert.throws(refuse, (error) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'database_url_invalid')
    assert.match(`${error.message} ${error.hint}`, /MySQL.*PostgreSQL only/)
    assert.doesNotMatch(`${error.message} ${error.hint}`, /secret/)
    return true
  })
})

test('what is not a PostgreSQL address is refused', () => {
  for (const url of ['sqlite:///tmp/x.db', 'postgres', 'http://example.com', 'postgres://[bad']) {
    assert.throws(() => chooseDatabase({ DATABASE_URL: url }), { code: 'database_url_invalid' })
  }
})

test('a dyno without DATABASE_URL gets the command that adds a database', () => {
  for (const env of [{ DYNO: 'web.1' }, { ON_CLOUD: '1' }]) {
    assert.throws(() => chooseDatabase(env), {
      code: 'database_missing',
      hint: /heroku addons:create heroku-postgresql/,
    })
  }
})

test('elsewhere an unset DATABASE_URL means the embedded server of HOKKU_HOME', () => {
  const choice = chooseDatabase({ HOKKU_HOME: '/srv/hokku', DATABASE_URL: '' })

  assert.deepEqual(choice, { kind: 'embedded', directory: '/srv/hokku/postgres' })
})
