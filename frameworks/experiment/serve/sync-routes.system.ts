import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { browserOf, ids, openTestStudy } from './testing.ts'

type TestStudy = Awaited<ReturnType<typeof openTestStudy>>
let study: TestStudy
let browser: ReturnType<typeof browserOf>

before(async () => {
  study = await openTestStudy()
  browser = browserOf(study.app)
})
after(() => study.close())

test('bad documents are refused with JSON and harm nothing', async () => {
  await browser.visit(`/exp?${ids('W6')}&mode=live`)
  await browser.put('W6:AW6', '{"kept":1}')

  for (const body of ['[1]', 'null', '"x"', '{"a":', '']) {
    const answer = await browser.put('W6:AW6', body)
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
  const derived = await browser.put('W6:AW6', '{"kept":1}', {
    'content-type': 'application/vnd.api+json',
  })
  assert.equal(derived.statusCode, 200)
  assert.equal(
    (await browser.put('no:A', '{}')).body,
    '{"message":"DB error: Unique user not found."}\n',
  )
  assert.equal((await browser.visit('/sync/no:A')).statusCode, 404)
  assert.equal((await browser.visit('/sync/W6:AW6')).body, '{"kept":1}\n')
})

test('a row in which psiTurk left no document starts afresh', async () => {
  await browser.visit(`/exp?${ids('W8')}&mode=live`)
  const { pool, tables } = study.server
  for (const left of ['null', '[1]', 'broken {', '{"a":']) {
    await pool.query(`update ${tables.assignments} set datastring = $1 where workerid = 'W8'`, [
      left,
    ])

    const loaded = await browser.visit('/sync/W8%3AAW8')

    assert.equal(loaded.statusCode, 200, left)
    assert.equal(loaded.json<{ workerId: string }>().workerId, 'W8')
  }
})

test('documents of 60 MB are saved, of more than 64 MB refused with JSON', async () => {
  await browser.visit(`/exp?${ids('W7')}&mode=live`)
  const document = (megabytes: number) =>
    JSON.stringify({ sound: 'x'.repeat(megabytes * 1024 * 1024) })

  assert.equal((await browser.put('W7:AW7', document(60))).statusCode, 200)
  const refused = await browser.put('W7:AW7', document(65))
  assert.equal(refused.statusCode, 413)
  assert.ok(refused.json<{ message: string }>().message)
})

test('with tokens required, only the page of a participant may read and change them', async (t) => {
  const strict = await openTestStudy({ config: '[Task Parameters]\nrequire_token = true\n' })
  t.after(() => strict.close())
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
