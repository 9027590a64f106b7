import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blob, flag, integer, json, named, nullable, oneOf, text, withDefault } from './columns.ts'
import { writeOnly } from './columns.ts'
import { Database } from './database.ts'
import { defineTable } from './define-table.ts'
import { openTestStore } from './testing.ts'
import { Table } from './table.ts'

const PLANTS = defineTable({
  name: 'plants',
  one: 'plant',
  columns: {
    id: text,
    latinName: text,
    order: named('plant_order', text),
    isEdible: flag,
    kind: oneOf('tree', 'herb'),
    heights: json<number[]>(),
    rings: nullable(integer),
    garden: withDefault(text),
    secret: writeOnly(blob),
    createdAt: text,
    updatedAt: text,
  },
})

function openPlants() {
  const { store, wait, ...rest } = openTestStore()
  store.db.run(`create table plants (id text primary key, latin_name text not null unique,
    plant_order text not null, is_edible integer not null, kind text not null, heights text not null,
    rings integer, garden text not null default 'kew', secret blob not null,
    created_at text not null, updated_at text not null) strict`)
  return { ...rest, wait, db: store.db, plants: new Table(store.db, PLANTS, store.now) }
}

const oak = {
  latinName: 'quercus',
  order: 'fagales',
  isEdible: false,
  kind: 'tree',
  heights: [1, 2.5],
  secret: Buffer.from('acorn'),
} as const satisfies Parameters<Table<typeof PLANTS.columns>['insert']>[0]

test('a row is read as it was written: booleans, words, JSON, null, defaults of the table', () => {
  using opened = openPlants()

  const { id, ...row } = opened.plants.insert(oak)

  assert.match(id, /^[\da-f-]{36}$/)
  assert.deepEqual(row, {
    latinName: 'quercus',
    order: 'fagales',
    isEdible: false,
    kind: 'tree',
    heights: [1, 2.5],
    rings: null,
    garden: 'kew',
    createdAt: '2030-01-01T00:00:00.000Z',
    updatedAt: '2030-01-01T00:00:00.000Z',
  })
  assert.deepEqual(opened.plants.get(id), { id, ...row })
})

test('columns are named in snake case, booleans are 0 and 1, JSON is text', () => {
  using opened = openPlants()

  opened.plants.insert(oak)

  const row = opened.db.get('select latin_name, plant_order, is_edible, heights from plants')
  assert.deepEqual(
    { ...row },
    { latin_name: 'quercus', plant_order: 'fagales', is_edible: 0, heights: '[1,2.5]' },
  )
})

test('an update changes what it is given and the change time, and nothing else', () => {
  using opened = openPlants()
  const before = opened.plants.insert(oak)
  opened.wait(1000)

  const after = opened.plants.update(before.id, { isEdible: true, rings: 7 })

  assert.deepEqual(after, {
    ...before,
    isEdible: true,
    rings: 7,
    updatedAt: '2030-01-01T00:00:01.000Z',
  })
})

test('a row that must be there and is not is named', () => {
  using opened = openPlants()

  assert.throws(() => opened.plants.get('x'), /^Error: plant x is gone$/)
  assert.throws(() => opened.plants.update('x', { rings: 1 }), /plant x is gone/)
  assert.equal(opened.plants.updateIfThere('x', { rings: 1 }), undefined)
})

test('what is written only is not part of a row, and read on its own', () => {
  using opened = openPlants()

  const row = opened.plants.insert(oak)

  assert.ok(!('secret' in row))
  assert.equal(Buffer.from(opened.plants.sealed(row.id, 'secret')).toString(), 'acorn')
})

test('a second row with the same key is refused, left out or changes the first, as asked', () => {
  using opened = openPlants()
  const first = opened.plants.insert(oak)

  assert.throws(() => opened.plants.insert(oak), /UNIQUE/)
  assert.equal(opened.plants.insertUnlessThere(oak), undefined)
  const changed = opened.plants.upsert(
    { ...oak, rings: 9 },
    'on conflict (latin_name) do update set rings = excluded.rings',
  )

  assert.deepEqual(changed, { ...first, rings: 9 })
})

test('fields that are not columns are left out', () => {
  using opened = openPlants()
  const wider = { ...oak, color: 'green' }

  assert.ok(!('color' in opened.plants.insert(wider)))
})

test('a value that is not what the table says is a bug that is named, not passed on', () => {
  using opened = openPlants()
  opened.plants.insert(oak)
  opened.db.run(`update plants set kind = 'fungus'`)

  assert.throws(() => opened.plants.all(''), /expected tree or herb in the database, found fungus/)
  for (const column of [text, integer, flag, blob]) assert.throws(() => column.read(null))
})

test('every table of the store is as its migration made it', () => {
  using opened = openTestStore()
  const { store } = opened

  // Reading names every column, so one that does not exist fails here.
  assert.deepEqual(
    [
      store.accountKeys.list('x'),
      store.accounts.list(),
      store.accounts.authorizations('x'),
      store.addons.list(),
      store.apps.list(),
      store.attachments.ofApp('x'),
      store.collaborators.list('x'),
      store.buildpackInstallations.list('x'),
      store.builds.list('x'),
      store.configVars.list('x'),
      store.domains.list('x'),
      store.dynos.all(),
      store.formations.list('x'),
      store.logDrains.list(),
      store.releases.list('x'),
      store.sniEndpoints.list('x'),
      store.slugs.list(),
      store.transfers.ofApp('x'),
      store.transfers.logs('x'),
      store.transferSchedules.list(),
    ].flat(),
    [],
  )
  assert.ok(store.db instanceof Database)
})
