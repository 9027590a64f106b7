import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { hasProgram } from '../../tests/machine.ts'
import { openStore } from './index.ts'

/** Homes that older versions left; `fixtures/homes/make.ts` makes them. */
const HOMES = join(import.meta.dirname, 'fixtures/homes')
const versions = readdirSync(HOMES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

for (const version of versions) {
  const kept = join(HOMES, version)

  test(`the state of ${version} is migrated and says what it said`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hokku-old-home-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    for (const name of ['hokku.sqlite', 'key']) copyFileSync(join(kept, name), join(folder, name))

    const store = openStore({ database: join(folder, 'hokku.sqlite'), key: join(folder, 'key') })
    t.after(() => store.close())

    const [app] = store.apps.list()
    assert.equal(app?.name, 'shop')
    const config = store.configVars.list(app.id)
    const valueOf = (name: string) => config.find((entry) => entry.name === name)?.value
    assert.equal(valueOf('GREETING'), 'hello from then')
    assert.match(valueOf('DATABASE_URL') ?? '', /^postgres:\/\/.*\{\{endpoint:postgres\}\}/)
    const release = store.releases.current(app.id)
    assert.equal(release?.status, 'succeeded')
    const slug = store.slugs.get(release.slugId ?? '')
    assert.deepEqual(slug.processTypes, { worker: 'sleep 100000' })
    assert.match(slug.manifest ?? '', /"layers"/)
    assert.deepEqual(
      store.addons.ofApp(app.id).map(({ service }) => service),
      ['heroku-postgresql'],
    )
    assert.equal(store.formations.find(app.id, 'worker')?.size, 'Basic')
    store.apps.update(app.id, { maintenance: true })
    assert.equal(store.apps.get(app.id).maintenance, true)
  })

  test(`what lies beside the state of ${version} can be read`, () => {
    const layer = zstdDecompressSync(readFileSync(join(kept, 'layer.tar.zst')))
    const heads = execFileSync('git', ['bundle', 'list-heads', join(kept, 'shop.bundle')])

    assert.match(layer.toString('latin1'), /Procfile\0/)
    assert.match(String(heads), /refs\/heads\/main/)
    if (!hasProgram('pg_restore')) return
    const listing = execFileSync('pg_restore', ['--file', '-', join(kept, 'shop.dump')])
    assert.match(String(listing), /COPY public\.kept[^]*\nthen\n/)
  })
}

test('there are such homes', () => assert.ok(versions.length > 0 && existsSync(HOMES)))
