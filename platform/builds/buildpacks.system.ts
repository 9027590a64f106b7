import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { portOf } from '@hokku/kit/port-of'
import { openTestPlane, runHere } from './testing.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

for (const plain of [false, true]) {
  describe(plain ? 'plain' : 'as the machine allows', async () => {
    const plane = await openTestPlane({ plain })
    after(() => plane.close())

    /** A third-party buildpack, in a git repository that is reached by HTTP. */
    const pack = plane.app('pack')
    const packRepository = await plane.repository(join(FIXTURES, 'buildpack'))
    await packRepository.git('push', plane.remote(pack), 'main')
    await packRepository.git('push', plane.remote(pack), 'main:refs/heads/v2')

    test('buildpacks from git run in order, with all that the contract promises', async () => {
      const app = plane.app('contract')
      const url = plane.remote(pack)
      plane.store.buildpackInstallations.replace(app.id, [
        { url, name: 'first' },
        { url: `${url}#v2`, name: 'second' },
      ])
      plane.store.configVars.set(app.id, { name: 'GREETING', value: 'hi', attachmentId: null })
      const repository = await plane.repository({
        'app.txt': 'app',
        'ignored.txt': 'not in the slug',
        '.slugignore': 'ignored.txt\n',
      })

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      const { output } = push
      assert.match(output, /-----> Using buildpacks:\s+remote: {8}1\. http/)
      assert.equal(output.match(/-----> Fixture app detected/g)?.length, 2)
      assert.match(output, /^remote: {8}GREETING file: hi/m)
      assert.match(output, /GREETING variable: unset/)
      assert.match(output, /before: nothing[^]*before: exported/)
      assert.match(output, /builds so far: 0[^]*builds so far: 1/)
      assert.match(output, /source version: [0-9a-f]{40}/)
      assert.match(output, /stack: heroku-24/)
      assert.doesNotMatch(output, /is there/)
      assert.match(output, /Default types for buildpack -> console, web/)
      assert.deepEqual(plane.asked.addons, ['heroku-postgresql'])
      const slug = plane.store.slugs.get(plane.store.releases.current(app.id)?.slugId ?? '')
      assert.deepEqual(slug.processTypes, { web: 'bin/serve', console: 'bash' })
      const folder = plain
        ? await plane.slugs.materialise(slug)
        : ((await plane.slugs.layers(slug)).at(-1) ?? '')
      assert.equal(readFileSync(join(folder, 'app.txt'), 'utf8'), 'app')
      assert.ok(existsSync(join(folder, '.profile.d/fixture.sh')))
      assert.ok(!existsSync(join(folder, 'ignored.txt')))
    })

    test('.buildpacks names buildpacks too, and a wrong name is found before anything is built', async () => {
      const app = plane.app('listed')
      const url = plane.remote(pack)
      plane.store.configVars.set(app.id, { name: 'GREETING', value: 'hi', attachmentId: null })
      plane.store.configVars.set(app.id, { name: 'DATABASE_URL', value: 'x', attachmentId: null })
      const repository = await plane.repository({ '.buildpacks': `# two\n${url}\n${url}#v2\n` })
      const push = await repository.git('push', plane.remote(app), 'main')
      await repository.commit({ '.buildpacks': `${url}\nheroku/cobol\n` })

      const wrong = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.equal(push.output.match(/-----> Fixture app detected/g)?.length, 2)
      assert.match(push.output, /in the buildpack: bin export/)
      assert.match(push.output, /heroku-postgresql: DATABASE_URL is set already/)
      assert.match(wrong.output, /There is no buildpack called heroku\/cobol/)
      assert.doesNotMatch(wrong.output, /Fixture app detected/)
    })

    test('a buildpack may be a tarball, named by BUILDPACK_URL', async () => {
      const tarball = join(packRepository.folder, 'pack.tgz')
      await runHere(['tar', 'czf', tarball, '-C', FIXTURES, 'buildpack'], packRepository.folder)
      const server = createServer((_request, response) => response.end(readFileSync(tarball)))
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
      const port = portOf(server)
      const app = plane.app('tarball')
      const value = `http://127.0.0.1:${port}/pack.tgz`
      plane.store.configVars.set(app.id, { name: 'BUILDPACK_URL', value, attachmentId: null })
      plane.store.configVars.set(app.id, { name: 'GREETING', value: 'hi', attachmentId: null })
      const repository = await plane.repository({ 'app.txt': 'app' })

      const push = await repository.git('push', plane.remote(app), 'main')

      server.close()
      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /-----> Fixture app detected/)
    })

    test('a buildpack may lie on a server of plain files', async () => {
      const bare = join(packRepository.folder, 'bare.git')
      await packRepository.git('clone', '--quiet', '--bare', '.', bare)
      await packRepository.git('-C', bare, 'update-server-info')
      const server = createServer((request, response) => {
        const path = join(bare, (request.url ?? '').replace(/^\/pack\.git|\?.*$/g, ''))
        const isFile = existsSync(path) && statSync(path).isFile()
        response.statusCode = isFile ? 200 : 404
        response.end(isFile ? readFileSync(path) : undefined)
      })
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
      server.unref()
      const app = plane.app('plain-files')
      const value = `http://127.0.0.1:${portOf(server)}/pack.git`
      plane.store.configVars.set(app.id, { name: 'BUILDPACK_URL', value, attachmentId: null })
      plane.store.configVars.set(app.id, { name: 'GREETING', value: 'hi', attachmentId: null })
      const repository = await plane.repository({ 'app.txt': 'app' })

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /-----> Fixture app detected/)
    })

    test('a buildpack that cannot be fetched, or does not know the app, is named', async () => {
      const app = plane.app('unknown')
      const repository = await plane.repository({ 'app.txt': 'app' })
      const url = 'http://127.0.0.1:1/none.git'
      plane.store.buildpackInstallations.replace(app.id, [{ url, name: url }])
      const gone = await repository.git('push', plane.remote(app), 'main')
      plane.store.buildpackInstallations.replace(app.id, [
        { url: 'urn:buildpack:heroku/nodejs', name: 'heroku/nodejs' },
      ])
      const wrong = await repository.git('push', plane.remote(app), 'main')

      assert.match(
        gone.output,
        /The buildpack http:\/\/127\.0\.0\.1:1\/none\.git could not be fetched/,
      )
      assert.match(wrong.output, /App not compatible with buildpack: heroku\/nodejs/)
    })
  })
}
