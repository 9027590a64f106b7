import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCatalogue } from './catalogue.ts'
import {
  checkAddonName,
  checkAttachmentName,
  colorName,
  COLORS,
  inventAddonName,
  stableId,
} from './names.ts'
import { postgresProvider } from './postgres/provider.ts'
import type { DatabaseServer } from './postgres/index.ts'

const server: DatabaseServer = {
  start: async () => {},
  endpoint: () => '127.0.0.1:5433',
  addressSuffix: '',
  withAdmin: async () => {
    throw new Error('nothing is asked of the server here')
  },
}
const provider = postgresProvider(server)
const { choose } = createCatalogue([provider])

test('a color is never given twice, and when all are gone that is said', () => {
  const taken: string[] = []
  for (const _color of COLORS) taken.push(colorName('X', taken))

  assert.equal(new Set(taken).size, COLORS.length)
  assert.throws(() => colorName('X', taken), { code: 'invalid_params', hint: /--as/ })
})

test('attachment names begin config vars: raised, and refused where that cannot be', () => {
  assert.equal(checkAttachmentName('pio_s3'), 'PIO_S3')
  for (const name of ['', '1X', 'A-B', 'A B', `A${'x'.repeat(63)}`]) {
    assert.throws(() => checkAttachmentName(name), { code: 'invalid_params' })
  }
})

test('invented add-on names are valid add-on names', () => {
  assert.equal(typeof checkAddonName(inventAddonName('postgresql')), 'string')
  assert.throws(() => checkAddonName('Not Valid'), { code: 'invalid_params' })
})

test('ids of services and plans are UUIDs and never change', () => {
  assert.equal(stableId('heroku-postgresql'), stableId('heroku-postgresql'))
  assert.match(stableId('x'), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('every plan name that the documents type is there', () => {
  const names = ['hobby-dev', 'hobby-basic', 'dev', 'mini', 'basic', 'essential-0', 'standard-4']
  for (const name of names) {
    assert.equal(choose(`heroku-postgresql:${name}`).plan.name, name)
  }
  assert.equal(choose('heroku-postgresql').plan.name, 'essential-0')
})

test('a plan or service that is not there is refused in the words that the CLI knows', () => {
  for (const text of ['heroku-postgresql:huge', 'unheard-of', '']) {
    assert.throws(() => choose(text), {
      code: 'invalid_params',
      message: /^Couldn't find either the add-on service or the add-on plan of/,
    })
  }
})

test('only the first database of an app takes the name DATABASE, if it is free', () => {
  const none = { attachments: [], configVars: [], ofService: [] }
  const named = (taken: Partial<typeof none> | Record<string, string[]>) =>
    provider.attachmentNames({ ...none, ...taken }).includes('DATABASE')

  assert.equal(named({}), true)
  assert.equal(named({ ofService: ['MY_DB'] }), false)
  assert.equal(named({ configVars: ['DATABASE_URL'] }), false)
  assert.equal(named({ attachments: ['DATABASE'] }), false)
})
