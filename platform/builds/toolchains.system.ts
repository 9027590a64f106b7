import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { portOf } from '@hokku/kit/port-of'
import { openTestPlane, runHere } from './testing.ts'

const plane = await openTestPlane()
after(() => plane.close())

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** Names the program that a machine lacks; the test is then left out. */
const without = (program: string, ...args: string[]): string | false =>
  spawnSync(program, args).status === 0 ? false : `${program} is not installed`

/** Pushes an app of the fixtures and asks its page. */
async function pushed(name: string, config: Record<string, string> = {}) {
  const app = plane.app(name)
  for (const [variable, value] of Object.entries(config)) {
    plane.store.configVars.set(app.id, { name: variable, value, attachmentId: null })
  }
  const repository = await plane.repository(join(FIXTURES, name))
  const { code, output } = await repository.git('push', plane.remote(app), 'main')
  assert.equal(code, 0, output)
  const web = await plane.serve(app)
  const page = await (await fetch(web.url)).text()
  await web.stop()
  return { output, page }
}

test('a Go module is built, and its program serves', async () => {
  const { output, page } = await pushed('hello-go')

  assert.match(output, /Go app detected[^]*Using Go 1\.\d+[^]*web: bin\/hello-go/)
  assert.equal(page, 'Hello from Go, version 5')
})

test(
  'a Maven project is built, and its dynos find Java and their database',
  { skip: without('javac', '--version') },
  async () => {
    const { output, page } = await pushed('hello-java')

    assert.match(output, /Java app detected[^]*Using Java \d+[^]*pom\.xml asks for 17/)
    assert.equal(page, 'Hello from Java, null')
  },
)

test(
  'a Rust program is built with its crates, and serves',
  { skip: without('cargo', '--version') },
  async () => {
    const { output, page } = await pushed('hello-rust')

    assert.match(output, /Rust app detected[^]*web: \.\/target\/release\/hello-rust/)
    assert.equal(page, 'Hello from Rust, 42')
  },
)

test(
  'an API of plumber gets the packages of renv.lock from a mirror',
  { skip: without('Rscript', '-e', 'library(plumber)') },
  async () => {
    const files = new Map<string, Buffer>()
    const server = createServer((request, response) => {
      const file = files.get(request.url ?? '')
      response.statusCode = file === undefined ? 404 : 200
      response.end(file)
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    server.unref()
    const archive = join(plane.folder, 'greeting.tar.gz')
    const source = join(FIXTURES, 'hello-r-package')
    await runHere(
      ['tar', 'czf', archive, '--transform=s,^\\.,greeting,', '-C', source, '.'],
      source,
    )
    files.set('/src/contrib/Archive/greeting/greeting_1.2.0.tar.gz', readFileSync(archive))

    const { output, page } = await pushed('hello-r', {
      CRAN_MIRROR: `http://127.0.0.1:${portOf(server)}`,
    })

    server.close()
    assert.match(
      output,
      /Using R \d[^]*Installing greeting 1\.2\.0[^]*plumber\.R is an API of plumber/,
    )
    assert.equal(page, 'Hello from R')
  },
)

test('a Dockerfile of the common shape is built by the buildpack of its language', async () => {
  const app = plane.app('docker')
  const repository = await plane.repository({
    Dockerfile: `FROM python:3
WORKDIR /code
ENV GREETING="Hello from"
COPY src/ .
RUN pip install --no-cache-dir six==1.17.0 \\
 && python -c "open('made.txt', 'w').write('a Dockerfile')"
EXPOSE 8501
CMD ["python", "/code/serve.py", "8501"]
`,
    'src/serve.py': `import http.server, os, six, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(six.ensure_binary(os.environ['GREETING'] + ' ' + open('made.txt').read()))
http.server.HTTPServer(('', int(sys.argv[1])), Page).serve_forever()
`,
  })

  const push = await repository.git('push', plane.remote(app), 'main')

  assert.equal(push.code, 0, push.output)
  assert.match(push.output, /EXPOSE 8501: the port of a dyno is \$PORT/)
  assert.match(push.output, /web: python serve\.py \$PORT/)
  const web = await plane.serve(app)
  assert.equal(await (await fetch(web.url)).text(), 'Hello from a Dockerfile')
  await web.stop()
  plane.store.apps.update(app.id, { stack: 'container' })
  await repository.commit({ Dockerfile: 'FROM python:3\nRUN make\n' })
  const declined = await repository.git('push', plane.remote(app), 'main')
  assert.equal(declined.code, 1)
  assert.match(declined.output, /Dockerfile, line 2: RUN make/)
})
