import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { openTestPlane } from './testing.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

for (const plain of [false, true]) {
  describe(plain ? 'plain' : 'as the machine allows', async () => {
    const plane = await openTestPlane({ plain })
    after(() => plane.close())

    test('a Node app gets its dependencies, builds, is pruned, and starts', async () => {
      const app = plane.app('node')
      const repository = await plane.repository(join(FIXTURES, 'node-dependencies'))

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /before install[^]*Running build[^]*Pruning[^]*after prune/)
      const ran = await plane.run(
        app,
        'cat built.txt; node --version; ls node_modules; npm start --silent',
      )
      assert.match(ran.output, new RegExp(`^built${process.version}`))
      assert.match(ran.output, /is-odd/)
      assert.doesNotMatch(ran.output, /is-even/)
      assert.match(ran.output, /true\s*$/)
    })

    test('with nothing changed that counts, nothing is installed again', async () => {
      const app = plane.app('cached')
      const repository = await plane.repository(join(FIXTURES, 'node-dependencies'))
      const json = { dependencies: { 'is-odd': '3.0.1' }, scripts: { start: 'node index.js' } }
      await repository.git('rm', '--quiet', 'package-lock.json')
      await repository.commit({ 'package.json': JSON.stringify(json) })
      const first = await repository.git('push', plane.remote(app), 'main')
      await repository.commit({ 'index.js': `console.log('second', require('is-odd')(2))` })

      const second = await repository.git('push', plane.remote(app), 'main')

      assert.match(first.output, /Installing node modules/)
      assert.match(second.output, /Unchanged since the last build/)
      assert.doesNotMatch(second.output, /Installing node modules/)
      assert.match((await plane.run(app, 'node index.js')).output, /second false/)
    })

    test('a Python app gets an environment with its requirements, and serves', async () => {
      const app = plane.app('python')
      const repository = await plane.repository(join(FIXTURES, 'hello-python'))

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /Python 3\.9\.1 is not installed here .*3\.\d+\.\d+ is used/)
      assert.match(push.output, /Successfully installed six-1\.17\.0/)
      const web = await plane.serve(app)
      assert.equal(await (await fetch(web.url)).text(), 'Hello from Python')
      await web.stop()
      await repository.commit({ 'other.txt': 'something else' })
      const again = await repository.git('push', plane.remote(app), 'main')
      assert.match(again.output, /Unchanged since the last build/)
      const pip = await plane.run(app, 'pip --version; head -1 .heroku/python/bin/pip')
      assert.match(pip.output, /\.heroku\/python\/lib/)
      assert.equal(pip.code, 0, pip.output)
    })

    test('a static site is served as static.json says, and nothing else is', async () => {
      const app = plane.app('static')
      const repository = await plane.repository(join(FIXTURES, 'static-site'))

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      const web = await plane.serve(app)
      const get = async (path: string) => {
        const answer = await fetch(web.url + path, { redirect: 'manual' })
        return { status: answer.status, text: await answer.text(), headers: answer.headers }
      }
      const style = await get('/assets/style.css')
      assert.match((await get('/')).text, /Hello/)
      assert.match((await get('/about')).text, /About/)
      assert.match((await get('/app/some/page')).text, /Hello/)
      assert.equal(style.headers.get('content-type'), 'text/css; charset=utf-8')
      assert.equal(style.headers.get('cache-control'), 'public, max-age=60')
      assert.equal((await get('/old')).headers.get('location'), '/about')
      for (const path of ['/.env', '/../static.json', '/%2e%2e/static.json', '/nothing']) {
        const { status, text } = await get(path)
        assert.equal(status, 404, path)
        assert.match(text, /Lost/)
      }
      await web.stop()
    })
  })
}
