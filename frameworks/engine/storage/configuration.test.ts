import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeSource, readStorage } from './configuration.ts'
import { addressOfSource, withOptions } from './postgres-address.ts'

const jdbc = {
  PIO_STORAGE_REPOSITORIES_METADATA_NAME: 'pio_meta',
  PIO_STORAGE_REPOSITORIES_METADATA_SOURCE: 'PGSQL',
  PIO_STORAGE_REPOSITORIES_EVENTDATA_NAME: 'pio_event',
  PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE: 'PGSQL',
  PIO_STORAGE_REPOSITORIES_MODELDATA_NAME: 'pio_model',
  PIO_STORAGE_REPOSITORIES_MODELDATA_SOURCE: 'LOCALFS',
  PIO_STORAGE_SOURCES_PGSQL_TYPE: 'jdbc',
  PIO_STORAGE_SOURCES_PGSQL_URL: 'jdbc:postgresql://db:5433/pio',
  PIO_STORAGE_SOURCES_PGSQL_USERNAME: 'p:io',
  PIO_STORAGE_SOURCES_PGSQL_PASSWORD: 's@crét',
  PIO_STORAGE_SOURCES_LOCALFS_TYPE: 'localfs',
  PIO_STORAGE_SOURCES_LOCALFS_PATH: '/tmp/models',
}

test('without variables everything is in the PostgreSQL of DATABASE_URL', () => {
  const { METADATA, EVENTDATA, MODELDATA } = readStorage({ DATABASE_URL: 'postgres://x' })

  assert.deepEqual(
    [METADATA, EVENTDATA, MODELDATA].map((repository) => repository.source.name),
    ['PGSQL', 'PGSQL', 'PGSQL'],
  )
})

test('sources are read by their names', () => {
  const { EVENTDATA, MODELDATA } = readStorage(jdbc)

  assert.equal(addressOfSource(EVENTDATA.source), 'postgresql://p%3Aio:s%40cr%C3%A9t@db:5433/pio')
  assert.deepEqual(MODELDATA.source.settings, { PATH: '/tmp/models' })
})

const FAULTS: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  [
    'a repository without source',
    { PIO_STORAGE_REPOSITORIES_METADATA_SOURCE: '' },
    /^Required repository \(METADATA\) configuration is missing\.\nThere were 1 configuration/,
  ],
  [
    'an unknown source',
    { PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE: 'HBASE' },
    /HBASE is not a configured storage source\./,
  ],
  [
    'a source without password',
    { PIO_STORAGE_SOURCES_PGSQL_PASSWORD: '' },
    /The PASSWORD variable is not set! \(storage source PGSQL\)\nThere were 1/,
  ],
  [
    'a source without URL',
    { PIO_STORAGE_SOURCES_PGSQL_URL: '' },
    /The URL variable is not set! \(storage source PGSQL\)\nThere were 1/,
  ],
  [
    'a kind that comes later',
    { PIO_STORAGE_SOURCES_LOCALFS_TYPE: 'hdfs' },
    /MODELDATA cannot be kept in a source of type hdfs \(LOCALFS\)/,
  ],
  ['Elasticsearch', { PIO_ELASTICSEARCH_URL: 'http://x' }, /PIO_ELASTICSEARCH_URL/],
]
for (const [what, change, message] of FAULTS) {
  test(`${what} is a clear error`, () => {
    assert.throws(() => readStorage({ ...jdbc, ...change }), { message })
  })
}

test('an address may carry its user, and without one DATABASE_URL is meant', () => {
  const bare = {
    ...jdbc,
    PIO_STORAGE_SOURCES_PGSQL_USERNAME: '',
    PIO_STORAGE_SOURCES_PGSQL_PASSWORD: '',
  }

  readStorage({ ...bare, PIO_STORAGE_SOURCES_PGSQL_URL: 'jdbc:postgresql://me:pw@db/pio' })
  readStorage({ ...bare, PIO_STORAGE_SOURCES_PGSQL_URL: '', DATABASE_URL: 'postgres://x' })
})

test('a source is described without its secrets', () => {
  const text = describeSource(readStorage(jdbc).METADATA.source)

  assert.match(text, /^Source Name: PGSQL; Type: jdbc; Configuration: URL -> jdbc:postgresql/)
  assert.doesNotMatch(text, /s@crét/)
})

test('a dyno asks for TLS by default', () => {
  const url = 'postgres://u:p@h/d'

  assert.match(withOptions(url, { DYNO: 'web.1' }, undefined), /sslmode=require/)
  assert.equal(withOptions(url, { DYNO: 'x', PIO_POSTGRES_OPTIONAL_SSL: 'true' }, undefined), url)
  assert.equal(withOptions(url, {}, undefined), url)
})
