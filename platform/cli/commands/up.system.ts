import { spawnSync } from 'node:child_process'
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = mkdtempSync(join(tmpdir(), 'hokku-up-'))
after(() => rmSync(root, { recursive: true, force: true }))

test('settings of add-on servers that cannot be read are reported before anything starts', () => {
  for (const [name, value] of Object.entries({
    HOKKU_S3_ENDPOINT: 'minio:9000',
    HOKKU_RABBITMQ_URL: 'http://broker.example',
    HOKKU_ELASTICSEARCH_URL: 'search.example:9200',
  })) {
    const env = { ...process.env, HOME: root, HOKKU_HOME: join(root, 'home'), [name]: value }
    const main = join(import.meta.dirname, '../bin/hokku')

    const { status, stderr } = spawnSync(main, ['up', '--port', '28471'], {
      env,
      encoding: 'utf8',
      timeout: 60_000,
    })

    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`${name}: must be`))
    assert.ok(!existsSync(join(root, 'home/run/plane.sock')))
  }
})
