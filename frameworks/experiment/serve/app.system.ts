import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { portOf } from '@hokku/kit/port-of'
import { createStudyApp } from './app.ts'
import { browserOf, ids, openTestStudy } from './testing.ts'

type TestStudy = Awaited<ReturnType<typeof openTestStudy>>
let study: TestStudy
let browser: ReturnType<typeof browserOf>

before(async () => {
  study = await openTestStudy()
  browser = browserOf(study.app)
})
after(() => study.close())

test('forms count in both encodings of browsers', async () => {
  await browser.visit(`/exp?${ids('W9')}&mode=live`)
  const body = new FormData()
  body.set('uniqueId', 'W9:AW9')
  const encoded = new Response(body)
  const post = (payload: Buffer) =>
    study.app.inject({
      method: 'POST',
      url: '/inexp',
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
      payload,
    })

  const answer = await post(Buffer.from(await encoded.arrayBuffer()))

  assert.equal(answer.body, '{"status":"success"}\n')
  assert.equal((await post(Buffer.from('no form'))).statusCode, 400)
})

test('files: ours shadows old copies, pages are verbatim, nothing hidden or outside is served', async () => {
  assert.match((await browser.visit('/static/js/psiturk.js')).body, /PsiTurk/)
  const file = await browser.visit('/static/a.txt')
  assert.equal(file.headers['cache-control'], 'public, max-age=10')
  assert.ok(file.headers['etag'] && file.headers['last-modified'])
  assert.equal((await browser.visit('/page.html')).body, 'raw {{ hitid }}')
  for (const path of [
    '/static/.secret',
    '/static/../config.txt',
    '/..%2fconfig.txt',
    '/static/%2e%2e/config.txt',
    '/ad/',
    '/none.html',
    '/static/',
    '/ppid',
  ]) {
    assert.equal((await browser.visit(path)).statusCode, 404, path)
  }
})

test('an address that is not text is refused', async () => {
  assert.equal((await browser.visit('/%ff')).statusCode, 400)
})

test('wrong methods answer 405, OPTIONS lists the right ones', async () => {
  const wrong = await study.app.inject({ method: 'POST', url: '/ad' })
  const options = await study.app.inject({ method: 'OPTIONS', url: '/sync/W:A' })

  assert.equal(wrong.statusCode, 405)
  assert.equal(wrong.headers['allow'], 'GET, HEAD, OPTIONS')
  assert.equal(options.statusCode, 200)
  assert.equal(options.headers['allow'], 'GET, HEAD, OPTIONS, POST, PUT')
  assert.equal((await study.app.inject({ method: 'HEAD', url: '/' })).statusCode, 200)
})

test('a template that throws is logged and shown as an unknown error, not as its source', async () => {
  const broken = await openTestStudy({
    files: {
      'templates/ad.html': '{{ workerId={{ workerid }}',
      'templates/consent.html': 'no link',
    },
  })
  try {
    const ad = await broken.app.inject({ url: `/ad?${ids('W')}&mode=live` })
    const consent = await broken.app.inject({ url: `/consent?${ids('W')}&mode=live` })

    assert.equal(ad.statusCode, 500)
    assert.match(ad.body, /: 9999 /)
    assert.match(broken.errors.join(), /ad\.html/)
    assert.match(consent.body, /: 1020 /)
  } finally {
    await broken.close()
  }
})

test('with certfile and keyfile the study speaks HTTPS itself', async () => {
  const files = mkdtempSync(join(tmpdir(), 'hokku-tls-'))
  const [cert, key] = [join(files, 'c.pem'), join(files, 'k.pem')]
  const request =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost'
  execFileSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  const secure = await openTestStudy({
    config: `[Server Parameters]\ncertfile = ${cert}\nkeyfile = ${key}\n`,
  })
  try {
    await secure.app.listen({ host: '127.0.0.1', port: 0 })
    const port = portOf(secure.app.server)
    const address = `https://127.0.0.1:${port}/`
    const status = await new Promise((resolve, reject) => {
      get(address, { rejectUnauthorized: false }, (answer) => resolve(answer.statusCode)).on(
        'error',
        reject,
      )
    })

    assert.equal(status, 200)
    const missing = { certfile: join(files, 'none.pem'), keyfile: key }
    const { study: own } = secure.server
    const settings = { ...own.settings, server: { ...own.settings.server, ...missing } }
    assert.throws(
      () => createStudyApp({ ...secure.server, study: { ...own, settings } }),
      /certfile .*none\.pem cannot be read/,
    )
  } finally {
    await secure.app.close()
    await secure.close()
    rmSync(files, { recursive: true, force: true })
  }
})

test('pages in the way of version 2 are rendered where the study asks for it', async () => {
  const old = await openTestStudy({ config: '[Server Parameters]\nrender_pages = true\n' })
  try {
    assert.equal((await old.app.inject({ url: '/page.html' })).body, 'raw ')
    assert.equal((await old.app.inject({ url: '/none.html' })).statusCode, 404)
  } finally {
    await old.close()
  }
})

test('someone who looks for a page that is not there is shown the error page, a program gets JSON', async () => {
  const looked = await study.app.inject({
    url: '/nothing.html?workerId=<b>',
    headers: { accept: 'text/html,application/xhtml+xml' },
  })
  const asked = await study.app.inject({ url: '/nothing.html' })

  assert.equal(looked.statusCode, 404)
  assert.match(looked.body, /<b>Error<\/b>: 404/)
  assert.ok(!looked.body.includes('<b>"'))
  assert.equal(asked.statusCode, 404)
  assert.deepEqual(asked.json(), { message: 'There is no page /nothing.html.' })
})
