import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { homeAt, openStore } from '../store/index.ts'
import type { ExitStatus } from './contract.ts'
import { createReleases } from './releases.ts'

/** A real store; dynos that record what they are asked and end as configured. */
function setUp(exit: ExitStatus) {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-releases-')))
  const store = openStore(home)
  const owner = store.accounts.create('owner@example.com')
  const app = store.apps.create('demo', owner.id)
  const deployed: number[] = []
  /** How many deploys had ended, at each update of the router. */
  const routed: number[] = []
  const logged: string[] = []
  const releases = createReleases({
    store,
    home,
    logs: { write: (_app, _source, _process, message) => logged.push(message) },
    deploy: async (_app, release) => {
      deployed.push(release.version)
      const isBroken = release.description === 'broken'
      return isBroken
        ? { status: 'unhealthy', reason: 'exited', stillServing: null }
        : { status: 'running' }
    },
    runReleasePhase: async (_app, _release, outputFile) => {
      await appendFile(outputFile, 'migrating\n')
      return exit
    },
    route: async () => void routed.push(deployed.length),
    onBug: (error) => {
      throw error
    },
  })
  const slug = (processTypes: Record<string, string>) =>
    store.slugs.create({
      appId: app.id,
      commit: 'c0ffee',
      commitDescription: null,
      buildpackDescription: 'Node.js',
      checksum: 'SHA256:0',
      size: 1,
      stack: 'heroku-24',
      processTypes,
      manifest: '{}',
    })
  const create = (slugId: string | null, description = 'Deploy c0ffee') =>
    releases.create({ appId: app.id, accountId: owner.id, description, slugId, releasePhase: true })
  return { store, app, releases, slug, create, deployed, logged, routed }
}

const ok: ExitStatus = { code: 0, signal: null, oom: false }
const failed: ExitStatus = { code: 3, signal: null, oom: false }

test('a release without a release command is live at once', async () => {
  const { create, slug, deployed, releases, store, app } = setUp(ok)

  const release = create(slug({ web: 'node .' }).id)
  const settled = await releases.settled(release.id)

  assert.equal(settled.status, 'succeeded')
  assert.equal(settled.outputSecret, null)
  assert.deepEqual(deployed, [1])
  assert.equal(store.formations.find(app.id, 'web')?.quantity, 1)
})

test('a release command runs before the new version, its output is kept', async () => {
  const { create, slug, releases } = setUp(ok)

  const release = create(slug({ web: 'w', release: 'migrate' }).id)
  assert.equal(release.status, 'pending')
  const chunks: Uint8Array[] = []
  for await (const chunk of releases.output(release, new AbortController().signal))
    chunks.push(chunk)

  assert.equal(Buffer.concat(chunks).toString(), 'migrating\n')
  assert.equal((await releases.settled(release.id)).status, 'succeeded')
})

test('a failed release command leaves the old version current and its formation alone', async () => {
  const { create, slug, releases, store, app, deployed, logged } = setUp(failed)
  await releases.settled(create(slug({ web: 'old', worker: 'w' }).id).id)

  const release = create(slug({ web: 'new', release: 'migrate' }).id)
  const settled = await releases.settled(release.id)

  assert.equal(settled.status, 'failed')
  assert.equal(store.releases.current(app.id)?.version, 1)
  assert.deepEqual(deployed, [1])
  assert.equal(store.formations.find(app.id, 'web')?.command, 'old')
  assert.notEqual(store.formations.find(app.id, 'worker'), undefined)
  assert.ok(logged.some((line) => /command failed: exit status 3/.test(line)))
})

test('releases of an app come out one after the other, in the order of their versions', async () => {
  const { create, slug, releases, deployed } = setUp(ok)
  const { id } = slug({ web: 'w', release: 'r' })

  const last = [create(id), create(id), create(id)].at(-1)
  await releases.settled(last?.id ?? '')

  assert.deepEqual(deployed, [1, 2, 3])
})

test('a release that is rolled back with its transaction never comes out', async () => {
  const { create, slug, store, app, deployed } = setUp(ok)
  const { id } = slug({ web: 'w' })

  assert.throws(() =>
    store.transaction(() => {
      create(id)
      throw new Error('changed my mind')
    }),
  )
  await new Promise(setImmediate)

  assert.deepEqual(store.releases.list(app.id), [])
  assert.deepEqual(deployed, [])
})

test('the router hears of each deploy, also of one that starts no web dyno', async () => {
  const { releases, slug, create, routed } = setUp(ok)

  const release = create(slug({ worker: 'work' }).id)
  await releases.settled(release.id)
  const broken = create(slug({ web: 'exit 1' }).id, 'broken')
  await releases.settled(broken.id)

  assert.deepEqual(routed, [1, 2])
})
