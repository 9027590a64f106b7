import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseVariant, unsetVariable } from './variant.ts'

const read = (json: object, env = {}) => parseVariant(JSON.stringify(json), 'engine.json', env)
const minimal = { id: 'default', engineFactory: 'org.example.Engine' }

test('what is not given has the name "" and no parameters', () => {
  const { params, sparkConf, plugins, description } = read(minimal)

  const nothing = { name: '', params: {} }
  assert.deepEqual(params, {
    dataSource: nothing,
    preparator: nothing,
    algorithms: [nothing],
    serving: nothing,
  })
  assert.deepEqual([sparkConf, plugins, description], [{}, {}, ''])
})

test('parameters are taken from the top level, other keys are ignored', () => {
  const { params } = read({
    comment: { datasource: { params: { appName: 'wrong' } } },
    ...minimal,
    datasource: { params: { appName: 'right', name: 'x' } },
    algorithms: [
      { name: 'als', params: { rank: 1 } },
      { name: 'als', params: { rank: 2 } },
    ],
  })

  assert.deepEqual(params.dataSource, { name: '', params: { appName: 'right', name: 'x' } })
  assert.deepEqual(
    params.algorithms.map((one) => one.params),
    [{ rank: 1 }, { rank: 2 }],
  )
})

test('a parameter may name a variable', () => {
  const variant = { ...minimal, datasource: { params: { appName: '$PIO_EVENTSERVER_APP_NAME' } } }

  const { params } = read(variant, { PIO_EVENTSERVER_APP_NAME: 'shop' })

  assert.deepEqual(params.dataSource.params, { appName: 'shop' })
  assert.equal(unsetVariable(read(variant).params.dataSource.params), 'PIO_EVENTSERVER_APP_NAME')
})

test('sparkConf is flattened', () => {
  const { sparkConf } = read({ ...minimal, sparkConf: { spark: { a: { b: 1 }, c: true } } })

  assert.deepEqual(sparkConf, { 'spark.a.b': '1', 'spark.c': 'true' })
})

const REFUSED: readonly (readonly [object, RegExp])[] = [
  [{ engineFactory: 'x' }, /^Unable to read engine variant ID from engine.json. Aborting.$/],
  [{ id: 1, engineFactory: 'x' }, /^Unable to read engine variant ID/],
  [{ id: 'x' }, /^unable to read engine factory from engine.json. Aborting.$/],
  [{ ...minimal, datasource: {} }, /'params' field is required in engine.json/],
  [{ ...minimal, algorithms: [{ name: 'x' }] }, /'params' field is required in engine.json/],
  [{ ...minimal, algorithms: [{ params: {} }] }, /needs a 'name'/],
  [{ ...minimal, algorithms: {} }, /must be a list/],
  [{ ...minimal, sparkConf: { a: [1] } }, /Arrays are not allowed in the sparkConf section/],
]
for (const [json, message] of REFUSED) {
  test(`${JSON.stringify(json)} is refused with ${message.source}`, () => {
    assert.throws(() => read(json), { code: 'variant_invalid', message })
  })
}

test('text that is not JSON is refused with the place', () => {
  assert.throws(() => parseVariant('{"id":', 'my/engine.json', {}), /my\/engine.json is not valid/)
})
