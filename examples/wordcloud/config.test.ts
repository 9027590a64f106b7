import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { readConfig } from './config.ts'

const TUTORIAL = {
  S3_LOCATION: 'https://s3-us-west-1.amazonaws.com/',
  S3_BUCKET: 'sprin-htut',
  S3_KEY: 'key',
  S3_SECRET: 'secret',
}
const ADDON = {
  BUCKETEER_BUCKET_NAME: 'bucket',
  BUCKETEER_AWS_ACCESS_KEY_ID: 'id',
  BUCKETEER_AWS_SECRET_ACCESS_KEY: 'hidden',
  BUCKETEER_AWS_REGION: 'eu-west-1',
  BUCKETEER_ENDPOINT: 'http://127.0.0.1:5055',
}

test('with nothing set everything is embedded, and the greeting names the machine', () => {
  const config = readConfig({})

  assert.deepEqual(
    [config.me, config.port, config.databaseUrl, config.amqpUrl, config.s3],
    [hostname(), 5000, undefined, undefined, undefined],
  )
  assert.match(config.notices.join(), /FLASK_SECRET_KEY/)
})

test("the tutorial's settings give region and address", () => {
  const { s3 } = readConfig(TUTORIAL)

  assert.deepEqual(
    [s3?.region, s3?.endpoint, s3?.bucket, s3?.forcePathStyle, s3?.acl],
    ['us-west-1', 'https://s3-us-west-1.amazonaws.com', 'sprin-htut', true, undefined],
  )
})

test("the add-on's settings are taken where the tutorial's are not set, never mixed with them", () => {
  assert.deepEqual(readConfig(ADDON).s3?.accessKeyId, 'id')
  assert.deepEqual(readConfig({ ...ADDON, ...TUTORIAL }).s3?.region, 'us-west-1')
  assert.throws(() => readConfig({ ...ADDON, S3_BUCKET: 'mine' }), /S3_KEY is missing/)
})

test('every setting that is missing or wrong is named at once, secrets are not repeated', () => {
  const wrong = {
    S3_BUCKET: 'mine',
    PORT: 'http',
    COUNT_MODE: 'quick',
    WORDS_KEPT: '0',
    DATABASE_URL: 'mysql://root:hidden@db',
    CLOUDAMQP_URL: 'guest:hidden',
  }

  assert.throws(
    () => readConfig(wrong),
    ({ message }: Error) => {
      const names = ['S3_KEY', 'S3_SECRET', 'PORT', 'COUNT_MODE', 'WORDS_KEPT', 'DATABASE_URL']
      for (const name of [...names, 'CLOUDAMQP_URL']) assert.match(message, new RegExp(`^${name} `, 'm'))
      assert.doesNotMatch(message, /hidden/)
      return true
    },
  )
})

test('stop words are the tutorial\'s, none, or the ones given', () => {
  const wordsIn = (STOP_WORDS: string) => readConfig({ STOP_WORDS }).rules.wordsOf

  assert.deepEqual(wordsIn('')('the'), [])
  assert.deepEqual(wordsIn('off')('the'), ['the'])
  assert.deepEqual([wordsIn('Der, die das')('der'), wordsIn('der die')('the')], [[], ['the']])
})
