import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestPlane } from './testing.ts'

const plane = await openTestPlane()
after(() => plane.close())

const MANIFEST = {
  env: { SECRET_KEY: { generator: 'secret' }, GREETING: 'hello', NEEDED: { required: true } },
  addons: ['heroku-postgresql:mini'],
  formation: { web: { quantity: 2, size: 'standard-2x' }, worker: { quantity: 1 } },
  scripts: { postdeploy: 'echo seeding; echo seeded' },
}
const FILES = {
  'app.json': JSON.stringify(MANIFEST),
  Procfile: 'web: sleep 9\nworker: sleep 9\nrelease: echo migrated\n',
}

test('the first deploy does what app.json asks for, and later ones leave it alone', async () => {
  const app = plane.app('manifest')
  plane.store.configVars.set(app.id, { name: 'GREETING', value: 'mine', attachmentId: null })
  const repository = await plane.repository(FILES)

  const first = await repository.git('push', plane.remote(app), 'main')

  assert.equal(first.code, 0, first.output)
  const config = Object.fromEntries(
    plane.store.configVars.list(app.id).map(({ name, value }) => [name, value]),
  )
  assert.equal(config['GREETING'], 'mine')
  assert.match(config['SECRET_KEY'] ?? '', /^[0-9a-f]{64}$/)
  assert.match(first.output, /requires values that are not set: NEEDED/)
  assert.doesNotMatch(first.output, new RegExp(config['SECRET_KEY'] ?? 'x'))
  assert.deepEqual(plane.asked.addons, ['heroku-postgresql:mini'])
  const formation = plane.store.formations
    .list(app.id)
    .map(({ type, quantity, size }) => `${type}=${quantity}:${size}`)
  assert.deepEqual(formation, ['release=0:Basic', 'web=2:Standard-2X', 'worker=1:Basic'])
  assert.match(first.output, /remote: migrated[^]*postdeploy[^]*remote: seeding\s+remote: seeded/)
  assert.deepEqual(
    plane.store.releases
      .list(app.id)
      .map((release) => release.description.replace(/ [0-9a-f]{8}$/, '')),
    ['Set SECRET_KEY config vars', 'Deploy'],
  )

  plane.store.configVars.unset(app.id, 'SECRET_KEY')
  await repository.commit({ 'more.txt': 'more' })
  const second = await repository.git('push', plane.remote(app), 'main')

  assert.equal(second.code, 0, second.output)
  assert.doesNotMatch(second.output, /app\.json|postdeploy/)
  assert.equal(plane.asked.addons.length, 1)
})

test('what is wrong in app.json, and an add-on that does not exist, stop no push', async () => {
  const app = plane.app('bad-manifest')
  const addons = ['nothing-like-it', 'bucketeer', 3]
  const manifest = { addons, env: { A: 'a', B: [] }, buildpacks: [{ url: 'hokku/procfile' }] }
  const repository = await plane.repository({ ...FILES, 'app.json': JSON.stringify(manifest) })

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.equal(push.code, 0, push.output)
  assert.match(push.output, /app\.json: addons\.2 is not used\. Expected/)
  assert.match(push.output, /app\.json: env\.B is not used\. Expected/)
  assert.match(push.output, /The app has no nothing-like-it: [^]*continues without it/)
  assert.ok(plane.asked.addons.includes('bucketeer'))
  assert.equal(plane.store.configVars.list(app.id)[0]?.name, 'A')
  const kept = plane.store.buildpackInstallations.list(app.id).map((one) => one.url)
  assert.deepEqual(kept, ['hokku/procfile'])
})

test('buildpacks of app.json are forgotten when the first push is declined', async () => {
  const app = plane.app('declined')
  const bad = { buildpacks: [{ url: 'heroku/nodejs' }] }
  const repository = await plane.repository({ ...FILES, 'app.json': JSON.stringify(bad) })

  const declined = await repository.git('push', plane.remote(app), 'main')
  await repository.commit({ 'app.json': '{}' })
  const push = await repository.git('push', plane.remote(app), 'main')

  assert.equal(declined.code, 1)
  assert.equal(push.code, 0, push.output)
})

test('types that leave the Procfile are dropped, and the rest keeps its scale', async () => {
  const app = plane.app('types')
  const repository = await plane.repository({ Procfile: 'web: sleep 9\nworker: sleep 9\n' })
  await repository.git('push', plane.remote(app), 'main')
  const web = plane.store.formations.find(app.id, 'web')
  if (web !== undefined) plane.store.formations.set(app.id, { ...web, quantity: 3 })
  await repository.commit({ Procfile: 'web: sleep 8\nclock: sleep 9\n' })

  await repository.git('push', plane.remote(app), 'main')

  assert.deepEqual(
    plane.store.formations
      .list(app.id)
      .map(({ type, quantity, command }) => ({ type, quantity, command })),
    [
      { type: 'clock', quantity: 0, command: 'sleep 9' },
      { type: 'web', quantity: 3, command: 'sleep 8' },
    ],
  )
})
