import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestPlane } from './testing.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const plane = await openTestPlane()
after(() => plane.close())

test('a push of a Node app becomes a slug and a release', async () => {
  const app = plane.app('hello')
  const repository = await plane.repository(join(FIXTURES, 'hello-node'))

  const push = await repository.git('push', plane.remote(app), 'main')

  console.log(push.output)
  assert.equal(push.code, 0, push.output)
  const release = plane.store.releases.current(app.id)
  const slug = plane.store.slugs.get(release?.slugId ?? '')
  const layers = await plane.slugs.layers(slug)
  assert.ok(layers.some((layer) => existsSync(join(layer, 'server.js'))))
  for (let i = 0; i < 3; i++) {
  await repository.commit({ 'x.txt': 'x' +i})
  console.time('second')
  console.log((await repository.git('push', plane.remote(app), 'main')).output)
  console.timeEnd('second')
  }
})
