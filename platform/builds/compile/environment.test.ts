import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inheritedEnvironment } from './environment.ts'
import { parseReleaseFile } from './release-file.ts'

test('a build takes over where packages come from, and no credential', () => {
  const inherited = inheritedEnvironment({
    npm_config_registry: 'https://npm.example.com/',
    PIP_INDEX_URL: 'https://pip.example.com/',
    https_proxy: 'http://proxy:3128',
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
    HEROKU_API_KEY: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    npm_config__authToken: 'secret',
    NODE_OPTIONS: '--require ./x',
    PATH: '/bin',
    UNSET: undefined,
  })

  assert.deepEqual(Object.keys(inherited), [
    'npm_config_registry',
    'PIP_INDEX_URL',
    'https_proxy',
    'NODE_EXTRA_CA_CERTS',
  ])
})

test('bin/release may say nothing, and may not say nonsense', () => {
  assert.deepEqual(parseReleaseFile('--- {}\n', 'x'), { processTypes: {}, addons: [] })
  assert.deepEqual(parseReleaseFile('', 'x'), { processTypes: {}, addons: [] })
  assert.throws(
    () => parseReleaseFile('addons: 3', 'x'),
    /bin\/release of x did not print valid YAML/,
  )
  assert.throws(() => parseReleaseFile(': :\n\t-', 'x'), { code: 'build_rejected' })
})
