import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findParticipant } from '../store/participants.ts'
import { createStudyApp } from './app.ts'
import { openTestStudy } from './testing.ts'

type TestStudy = Awaited<ReturnType<typeof openTestStudy>>
let study: TestStudy
let strict: TestStudy

before(async () => {
  const config = `[Task Parameters]\nnum_conds = 2\ncontact_email_on_error = a@b.c\n`
  study = await openTestStudy({ config })
  strict = await openTestStudy({ config: `${config}require_token = true\n` })
})
after(() => Promise.all([study.close(), strict.close()]))

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36'

const visit = (url: string, headers: Record<string, string> = {}) =>
  study.app.inject({ url, headers: { 'user-agent': CHROME, 'accept-language': 'fr', ...headers } })
const form = (url: string, fields: Record<string, string>) =>
  study.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  })
const put = (uniqueId: string, payload: string, headers: Record<string, string> = {}) =>
  study.app.inject({
    method: 'PUT',
    url: `/sync/${encodeURIComponent(uniqueId)}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  })
const ids = (worker: string, hit = 'H') => `hitId=${hit}&assignmentId=A${worker}&workerId=${worker}`
const row = (uniqueId: string) => findParticipant(study.server.pool, study.server.tables, uniqueId)

test('a participant goes from ad to submission', async () => {
  const ad = await visit(`/ad?${ids('W1')}&mode=live`)
  const consent = await visit(`/consent?${ids('W1')}&mode=live`)
  const exp = await visit(`/exp?${ids('W1')}&mode=live`)
  const fresh = await visit('/sync/W1%3AAW1')
  const started = await form('/inexp', { uniqueId: 'W1:AW1' })
  const saved = await put('W1:AW1', '{"b":1.50,"a":{"é":1}}')
  const loaded = await visit('/sync/W1:AW1')
  const done = await visit('/complete?uniqueId=W1:AW1&mode=live')
  const thanks = await visit(`/ad?${ids('W1')}&mode=sandbox`)
  const submitted = await visit('/worker_submitted?uniqueId=W1%3AAW1')

  assert.match(ad.body, /workerId=W1&mode=live">ad for W1 in live/)
  assert.equal(ad.headers['cache-control'], 'no-cache')
  assert.match(consent.body, /workerId=W1&mode=live/)
  assert.match(exp.body, /uniqueId = "W1:AW1", condition = "[01]", loc = "\/complete"/)
  assert.match(
    fresh.body,
    /^\{"assignmentId":"AW1","bonus":0\.0,"condition":[01],"counterbalance":0,"hitId":"H","workerId":"W1"\}\n$/,
  )
  assert.equal(started.body, '{"status":"success"}\n')
  assert.equal(saved.body, '{"status":"user data saved"}\n')
  for (const answer of [fresh, started, saved, loaded, submitted]) {
    assert.equal(answer.headers['content-type'], 'application/json')
  }
  assert.equal(loaded.body, '{"a":{"\\u00e9":1},"b":1.5}\n')
  assert.match(done.body, /Thank you/)
  assert.match(thanks.body, /workersandbox\.mturk\.com\/mturk\/externalSubmit/)
  assert.equal(submitted.body, '{"status":"success"}\n')
  const participant = await row('W1:AW1')
  assert.equal(participant?.status, 4)
  assert.equal(participant.browser, 'chrome')
  assert.equal(participant.language, 'fr')
  assert.match(participant.beginexp ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
})

test('each mistake on the way ends in its numbered page, with status 200', async () => {
  await visit(`/exp?${ids('W2')}&mode=live`)
  const numbers: Record<string, number> = {
    [`/ad?assignmentId=A`]: 1001,
    [`/ad?hitId=${'x'.repeat(10_000)}&assignmentId=A&mode=live`]: 1013,
    [`/consent?hitId=H&assignmentId=A&mode=live`]: 1002,
    [`/exp?${ids('W')}`]: 1003,
    [`/exp?hitId=H&workerId=W&mode=live&assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE`]: 1003,
    [`/exp?hitId=H&assignmentId=other&workerId=W2&mode=live`]: 1010,
    [`/ad?hitId=H&assignmentId=other&workerId=W2&mode=live`]: 1010,
    [`/complete?mode=live`]: 1013,
    [`/complete?mode=live&uniqueId=nobody:A`]: 1017,
    [`/exp?hitId=a%00b&assignmentId=A&workerId=W&mode=live`]: 1013,
  }
  for (const [url, number] of Object.entries(numbers)) {
    const answer = await visit(url)
    assert.match(answer.body, new RegExp(`<b>Error</b>: ${number} a@b\\.c`), url)
    assert.equal(answer.statusCode, 200)
  }
  const phone = await visit(`/ad?${ids('W')}&mode=live`, {
    'user-agent':
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  })
  assert.match(phone.body, /: 1014 /)
  assert.match((await form('/inexp', {})).body, /: 1013 /)
  assert.match((await form('/quitter', { uniqueId: 'nobody:A' })).body, /: 1011 /)
})

test('records that no page of ours makes end in a numbered page too', async () => {
  const { pool, tables } = study.server
  const insert = (uniqueId: string, worker: string, status: number) =>
    pool.query(
      `insert into ${tables.assignments} (uniqueid, assignmentid, workerid, hitid, status, mode)
       values ($1, $2, $3, 'H', $4, 'live')`,
      [uniqueId, `A${worker}`, worker, status],
    )
  await insert('first copy', 'Twice', 1)
  await insert('second copy', 'Twice', 1)
  await insert('Paid:APaid', 'Paid', 5)

  assert.match((await visit(`/exp?${ids('Twice')}&mode=live`)).body, /: 1004 /)
  assert.match((await visit(`/ad?${ids('Paid')}&mode=live`)).body, /: 1000 /)
})

test('a query parameter named like an error variable neither crashes nor overrides', async () => {
  const answer = await visit('/exp?errornum=5&contact_address=x&self=1&hitId=%3Cb%3E')

  assert.equal(answer.body, '<b>Error</b>: 1003 a@b.c &lt;b&gt;')
})

test('who started cannot start again, except in debug mode', async () => {
  for (const [worker, hit] of [
    ['W3', 'H'],
    ['debugW', 'debugH'],
  ] as const) {
    await visit(`/exp?${ids(worker, hit)}&mode=debug`)
    await form('/inexp', { uniqueId: `${worker}:A${worker}` })
  }

  assert.match((await visit(`/exp?${ids('W3')}&mode=debug`)).body, /: 1008 /)
  assert.match((await visit(`/ad?${ids('W3')}&mode=debug`)).body, /: 1009 /)
  assert.match((await visit(`/exp?${ids('debugW', 'debugH')}&mode=debug`)).body, /debugW:AdebugW/)
})

test('status questions are answered as in the original', async () => {
  await visit(`/exp?${ids('W4')}&mode=live`)

  assert.equal(
    (await visit('/check_worker_status?workerId=W4&assignmentId=none')).body,
    '{"status":1}\n',
  )
  assert.equal(
    (await visit('/check_worker_status?workerId=new&assignmentId=A')).body,
    '{"status":0}\n',
  )
  assert.equal(
    (await visit('/check_worker_status?assignmentId=A')).body,
    '{"status":"bad request"}\n',
  )
  assert.equal((await visit('/check_worker_status?workerId=W4')).statusCode, 400)
  assert.equal((await visit('/worker_complete')).body, '{"status":"bad request"}\n')
  assert.equal(
    (await visit('/worker_complete?uniqueId=no:A')).body,
    '{"status":"database error"}\n',
  )
  assert.equal(
    (await form('/inexp', { uniqueId: 'no:A' })).body,
    '{"status":"error, uniqueId not found"}\n',
  )
  assert.equal(
    (await form('/quitter', { uniqueId: 'debugX:A' })).body,
    `{"status":"didn't mark as quitter since this is debugging"}\n`,
  )
  assert.equal((await form('/quitter', {})).statusCode, 400)
})

test('who quits is marked, and may still come back to finish', async () => {
  await visit(`/exp?${ids('W5')}&mode=live`)

  assert.equal(
    (await form('/quitter', { uniqueId: 'W5:AW5' })).body,
    '{"status":"marked as quitter"}\n',
  )
  const left = await row('W5:AW5')
  assert.equal(left?.status, 6)
  assert.equal(left.endhit, null)
  await visit('/complete?uniqueId=W5:AW5&mode=live')
  assert.equal((await row('W5:AW5'))?.status, 3)
})

test('bad documents are refused with JSON and harm nothing', async () => {
  await visit(`/exp?${ids('W6')}&mode=live`)
  await put('W6:AW6', '{"kept":1}')

  for (const body of ['[1]', 'null', '"x"', '{"a":', '']) {
    const answer = await put('W6:AW6', body)
    assert.equal(answer.statusCode, 400, body)
    assert.match(answer.headers['content-type']?.toString() ?? '', /json/)
  }
  const text = await study.app.inject({
    method: 'PUT',
    url: '/sync/W6:AW6',
    headers: { 'content-type': 'text/plain' },
    payload: 'x',
  })
  assert.equal(text.statusCode, 415)
  assert.match(text.body, /Content-Type says text\/plain; documents come as application\/json/)
  const derived = await put('W6:AW6', '{"kept":1}', { 'content-type': 'application/vnd.api+json' })
  assert.equal(derived.statusCode, 200)
  assert.equal((await put('no:A', '{}')).body, '{"message":"DB error: Unique user not found."}\n')
  assert.equal((await visit('/sync/no:A')).statusCode, 404)
  assert.equal((await visit('/sync/W6:AW6')).body, '{"kept":1}\n')
})

test('forms count in both encodings of browsers', async () => {
  await visit(`/exp?${ids('W9')}&mode=live`)
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

test('ids of ten thousand characters are nobody, wherever they stand', async () => {
  const long = 'x'.repeat(10_000)

  assert.equal((await visit(`/sync/${long}`)).statusCode, 404)
  assert.equal((await put(long, '{}')).body, '{"message":"DB error: Unique user not found."}\n')
  assert.match((await form('/inexp', { uniqueId: long })).body, /: 1013 /)
  assert.equal((await form('/quitter', { uniqueId: long })).statusCode, 400)
  assert.match((await visit(`/complete?uniqueId=${long}&mode=live`)).body, /: 1013 /)
  assert.equal(
    (await visit(`/worker_submitted?uniqueId=${long}`)).body,
    '{"status":"bad request"}\n',
  )
  assert.equal(
    (await visit(`/check_worker_status?workerId=${long}&assignmentId=A`)).body,
    '{"status":"bad request"}\n',
  )
})

test('a row in which psiTurk left no document starts afresh', async () => {
  await visit(`/exp?${ids('W8')}&mode=live`)
  const { pool, tables } = study.server
  for (const left of ['null', '[1]', 'broken {', '{"a":']) {
    await pool.query(`update ${tables.assignments} set datastring = $1 where workerid = 'W8'`, [
      left,
    ])

    const loaded = await visit('/sync/W8%3AAW8')

    assert.equal(loaded.statusCode, 200, left)
    assert.equal(loaded.json<{ workerId: string }>().workerId, 'W8')
  }
})

test('documents of 60 MB are saved, of more than 64 MB refused with JSON', async () => {
  await visit(`/exp?${ids('W7')}&mode=live`)
  const document = (megabytes: number) =>
    JSON.stringify({ sound: 'x'.repeat(megabytes * 1024 * 1024) })

  assert.equal((await put('W7:AW7', document(60))).statusCode, 200)
  const refused = await put('W7:AW7', document(65))
  assert.equal(refused.statusCode, 413)
  assert.ok(refused.json<{ message: string }>().message)
})

test('files: ours shadows old copies, pages are verbatim, nothing hidden or outside is served', async () => {
  assert.match((await visit('/static/js/psiturk.js')).body, /PsiTurk/)
  const file = await visit('/static/a.txt')
  assert.equal(file.headers['cache-control'], 'public, max-age=10')
  assert.ok(file.headers['etag'] && file.headers['last-modified'])
  assert.equal((await visit('/page.html')).body, 'raw {{ hitid }}')
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
    assert.equal((await visit(path)).statusCode, 404, path)
  }
})

test('an address that is no text is refused', async () => {
  assert.equal((await visit('/%ff')).statusCode, 400)
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

test('with tokens required, only the page of a participant may read and change them', async () => {
  const send = (method: 'PUT' | 'GET', token?: string) =>
    strict.app.inject({
      method,
      url: '/sync/W:AW',
      headers: {
        'content-type': 'application/json',
        ...(token ? { 'x-psiturk-token': token } : {}),
      },
      ...(method === 'PUT' ? { payload: '{"a":1}' } : {}),
    })
  const page = async (worker: string) => {
    const { body } = await strict.app.inject({ url: `/exp?${ids(worker)}&mode=live` })
    return /<head><meta name="psiturk-token" content="([\w-]{32})">/.exec(body)?.[1] ?? ''
  }
  const [own, other] = [await page('W'), await page('V')]

  assert.equal((await send('PUT')).statusCode, 403)
  assert.equal((await send('PUT', other)).statusCode, 403)
  assert.equal((await send('GET', 'x')).statusCode, 403)
  assert.equal((await send('PUT', own)).statusCode, 200)
  assert.equal((await send('GET', own)).body, '{"a":1}\n')
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
    const { port } = secure.app.server.address() as AddressInfo
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

test('somebody who looks for a page that is not there is shown the error page, a program is told in JSON', async () => {
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
