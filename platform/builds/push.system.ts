import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { openTestPlane } from './testing.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

for (const plain of [false, true]) {
  describe(plain ? 'plain' : 'as the machine allows', async () => {
    const plane = await openTestPlane({ plain })
    after(() => plane.close())

    test('a push of a Node app becomes a slug and a release, with web at one dyno', async () => {
      const app = plane.app('hello')
      const repository = await plane.repository(join(FIXTURES, 'hello-node'))

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /-----> Node\.js app detected/)
      assert.match(push.output, /Default types for buildpack -> web/)
      assert.match(push.output, /Released v1\b/)
      assert.match(push.output, /Verifying deploy\.\.\. done\./)
      const release = plane.store.releases.current(app.id)
      assert.match(release?.description ?? '', /^Deploy [0-9a-f]{8}$/)
      assert.equal(plane.store.formations.find(app.id, 'web')?.quantity, 1)
      const slug = plane.store.slugs.get(release?.slugId ?? '')
      const layers = plain ? [await plane.slugs.materialise(slug)] : await plane.slugs.layers(slug)
      for (const path of ['server.js', '.heroku/node/bin/npm', '.profile.d/nodejs.sh']) {
        assert.ok(
          layers.some((layer) => existsSync(join(layer, path))),
          path,
        )
      }
    })

    test('a build that fails rejects the push, says why, and leaves the branch as it was', async () => {
      const app = plane.app('broken')
      const repository = await plane.repository({ 'package.json': '{ "name": ' })

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 1)
      assert.match(push.output, /package\.json is not valid JSON/)
      assert.match(push.output, / !     Push rejected, failed to compile Node\.js app\./)
      assert.match(push.output, / !     Push failed/)
      assert.match(push.output, /pre-receive hook declined/)
      assert.equal((await repository.git('ls-remote', plane.remote(app))).output, '')
      assert.equal(plane.builds.list(app.id)[0]?.status, 'failed')
    })

    test('a release command that fails does not reject the push', async () => {
      const app = plane.app('release')
      const repository = await plane.repository({
        Procfile: 'web: sleep 100\nrelease: echo migrating; exit 3\n',
      })

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /Release command declared/)
      assert.match(push.output, /remote: migrating/)
      assert.match(push.output, /Release command failed/)
      assert.equal(plane.store.releases.list(app.id)[0]?.status, 'failed')
    })

    test('the build runs as the user of its app, and its output stays on disk', async () => {
      const app = plane.app('whoami')
      const repository = await plane.repository({
        'package.json': JSON.stringify({ scripts: { build: 'id -u; pwd; echo $HOME' } }),
      })

      const push = await repository.git('push', plane.remote(app), 'main')

      const user = plane.sandbox.user(app.id)
      if (user !== null) assert.match(push.output, new RegExp(`^remote: +${user.uid}\\b`, 'm'))
      if (plane.sandbox.mode.kind === 'isolated') assert.match(push.output, /^remote: +\/app *$/m)
      const [build] = plane.builds.list(app.id)
      const kept = readFileSync(join(plane.home.builds, build?.id ?? '', 'output'), 'utf8')
      assert.match(kept, /Running build/)
    })
  })
}
