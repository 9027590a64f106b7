import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { openTestPlane, runHere } from './testing.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** Everything in a slug with its mode and content, apart from what the test itself changes. */
const LIST = [
  'find . -path ./.heroku/node -prune -o ! -type d ! -name one.txt ! -name two.txt',
  "-printf '%p %m %l ' -exec sh -c 'sha256sum < \"$1\"' sh {} ';' | sort",
].join(' ')

/** An npm workspace whose packages want different versions of one package, and run scripts. */
function workspace(seed: number): Record<string, string> {
  const versions = ['1.0.0', '2.0.0', '2.1.3']
  const packages = [0, 1, 2, 3].slice(0, 2 + seed).map((index) => ({
    name: `p${index}`,
    version: '1.0.0',
    dependencies: { ms: versions[(index * seed + seed) % versions.length] },
  }))
  const files = packages.map((one) => [`packages/${one.name}/package.json`, JSON.stringify(one)])
  const root = {
    name: 'root',
    version: '1.0.0',
    workspaces: ['packages/*'],
    dependencies: { tool: 'file:./tool' },
    scripts: { start: 'node -v' },
  }
  const write = `fs.mkdirSync(process.env.HOME+'/.cache/tool',{recursive:true});fs.writeFileSync(process.env.HOME+'/.cache/tool/data','${seed}');fs.writeFileSync('built.txt','${seed}')`
  const tool = { name: 'tool', version: '1.0.0', scripts: { postinstall: `node -e "${write}"` } }
  return {
    ...Object.fromEntries(files),
    'package.json': JSON.stringify(root),
    'tool/package.json': JSON.stringify(tool),
  }
}

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

    test('a second build makes what the first one made, wherever an installation writes', async () => {
      for (const seed of [1, 2]) {
        const repository = await plane.repository(workspace(seed))
        const locked = await runHere(['npm', 'install', '--package-lock-only'], repository.folder)
        assert.equal(locked.code, 0, locked.output)
        await repository.commit({ '.gitignore': '.npm\nnode_modules\n' })
        const listed: string[] = []
        for (const [name, file] of Object.entries({ warm: 'one.txt', cold: 'two.txt' })) {
          const app = plane.app(`${name}-${seed}`)
          // The first of them is built twice; the second one begins with what the first ended with.
          if (name === 'warm') await repository.git('push', plane.remote(app), 'main')
          await repository.commit({ [file]: 'changed' })
          const push = await repository.git('push', plane.remote(app), 'main')
          assert.equal(push.code, 0, push.output)
          listed.push((await plane.run(app, LIST)).output)
        }
        assert.match(listed[0] ?? '', /\.cache\/tool/)
        assert.equal(listed[0], listed[1], `workspace of seed ${seed}`)
      }
    })

    test('a Python app gets an environment with its requirements, and serves', async () => {
      const app = plane.app('python')
      const repository = await plane.repository(join(FIXTURES, 'hello-python'))

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /Using Python 3\.\d+\.\d+/)
      assert.match(push.output, /\+ six==1\.17\.0/)
      const web = await plane.serve(app)
      assert.equal(await (await fetch(web.url)).text(), 'Hello from Python')
      await web.stop()
      await repository.commit({ 'other.txt': 'something else' })
      const again = await repository.git('push', plane.remote(app), 'main')
      assert.equal(again.code, 0, again.output)
      assert.doesNotMatch(again.output, /Installing uv/)
      const pip = await plane.run(app, 'pip --version; head -1 .heroku/python/bin/pip')
      assert.match(pip.output, /\.heroku\/python\/lib/)
      assert.equal(pip.code, 0, pip.output)
    })

    test('a Python that is not on this machine is declined with the ways out', async () => {
      const app = plane.app('python-none')
      const repository = await plane.repository({
        'requirements.txt': '',
        '.python-version': '3.1.4',
      })

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 1)
      assert.match(push.output, /Python 3\.1\.4 \(\.python-version\) is not on this machine/)
      assert.match(push.output, /echo 3\.\d+ > \.python-version/)
    })

    test('a Flask application without a Procfile is served, after its hooks', async () => {
      const app = plane.app('flask')
      const repository = await plane.repository({
        'requirements.txt': 'flask\n',
        'app.py': `from flask import Flask\napp = Flask(__name__)\n\n@app.get('/')\ndef index():\n    return open('made.txt').read()\n`,
        'bin/post_compile': `#!/usr/bin/env python\nimport flask\nopen('made.txt', 'w').write('by Python')\n`,
      })

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /app\.py uses Flask/)
      const web = await plane.serve(app)
      assert.equal(await (await fetch(web.url)).text(), 'by Python')
      await web.stop()
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
