import assert from 'node:assert/strict'
import { test } from 'node:test'
import { officialArgs } from './heroku.ts'

test('a leading heroku or -- is not part of the command', () => {
  assert.deepEqual(officialArgs(['heroku', 'apps', '--all']), ['apps', '--all'])
  assert.deepEqual(officialArgs(['--', 'status']), ['status'])
  assert.deepEqual(officialArgs(['apps', 'heroku']), ['apps', 'heroku'])
  assert.deepEqual(officialArgs(['heroku']), [])
})

test('old names of commands reach their new ones', () => {
  assert.deepEqual(officialArgs(['addons:add', 'x']), ['addons:create', 'x'])
})
