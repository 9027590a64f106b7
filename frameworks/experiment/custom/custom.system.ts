import { createTestDatabase, type TestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { readStudy } from '../configuration/config.ts'
import { PARTICIPANT_ERRORS } from '../pages/error-pages.ts'
import { startStudy, type RunningStudy } from '../serve/start.ts'
import { PAGES } from '../serve/testing.ts'

const parent = mkdtempSync(join(tmpdir(), 'hokku-custom-'))
let database: TestDatabase

before(async () => {
  database = await createTestDatabase()
})
after(async () => {
  await database.drop()
  rmSync(parent, { recursive: true, force: true })
})

/** A study with these files, each in its own table. */
async function start(
  name: string,
  files: Readonly<Record<string, string>>,
  config = '',
): Promise<RunningStudy> {
  const directory = join(parent, name)
  for (const [path, text] of Object.entries({ ...PAGES, 'config.txt': config, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const env = { HOME: directory, DATABASE_URL: database.url, PSITURK_TABLE_NAME: name }
  return startStudy(readStudy(directory, env))
}

const arrive = (study: RunningStudy, worker: string) =>
  study.app.inject({ url: `/exp?hitId=H&assignmentId=A${worker}&workerId=${worker}&mode=live` })

const save = (study: RunningStudy, uniqueId: string, data: unknown) =>
  study.app.inject({
    method: 'PUT',
    url: `/sync/${encodeURIComponent(uniqueId)}`,
    payload: { data, questiondata: { age: '30' }, eventdata: [] },
  })

const CUSTOM = `
import { defineStudy } from '@hokku/experiment'

export default defineStudy({
  initApp: async ({ sql, config }) => {
    await sql('create table notes (text text)')
    await sql('insert into notes values ($1)', [config('My Section', 'Greeting') ?? 'none'])
  },
  getCondition: async (mode, { participants }) => [(await participants.count({ mode })) % 2, 7],
  routes: {
    'GET /': () => 'my own start page',
    'GET /notes': async ({ sql }) => ({ notes: await sql<{ text: string }>('select text from notes') }),
    'GET /people': async ({ participants }) => (await participants.list()).map((one) => one.uniqueid),
    'GET /age/:uid': async ({ params, participants, abort }) => {
      const one = (await participants.find(params['uid'] ?? '')) ?? abort(404, 'nobody')
      return { age: one.questions['age'], trials: one.trials.length }
    },
    'POST /echo': ({ json, form, query, headers }) => ({ json, form, query, type: headers['content-type'] }),
    'POST /rewrite': async ({ form, participants }) => {
      const one = await participants.find(form['uniqueId'] ?? '')
      await participants.saveDocument(form['uniqueId'] ?? '', { ...one?.document, checked: true })
      await participants.change(form['uniqueId'] ?? '', { bonus: 0.5, status: 5 })
      return { saved: true }
    },
    'GET /secret': ({ requireLogin, noCache, render }) => {
      requireLogin()
      noCache()
      return render('page.html', { hitid: '<me>' })
    },
    'GET /flash': ({ flash, redirect }) => {
      flash('be <b>quick</b>')
      return redirect('/flashed')
    },
    'GET /flashed': ({ render }) => render('flashed.html'),
    'GET /refuse': ({ error }) => error('already_did_exp_hit'),
    'GET /broken': () => { throw new Error('secret detail') },
    'GET /nothing': () => undefined,
  },
})
`

test('a study has routes, tables, conditions and its own login', async () => {
  const login = 'login_username = me\nlogin_pw = pass\nsecret_key = k'
  const study = await start(
    'own_code',
    {
      'custom.ts': CUSTOM,
      'templates/flashed.html': '{% for m in get_flashed_messages() %}{{ m }};{% endfor %}',
      // User code is read as an ES module in spite of this.
      'package.json': '{"type":"commonjs"}',
    },
    `[Server Parameters]\n${login}\n[My Section]\ngreeting = hi\n`,
  )
  const get = (url: string, headers: Record<string, string> = {}) =>
    study.app.inject({ url, headers })
  try {
    assert.equal((await get('/')).body, 'my own start page')
    assert.equal((await get('/notes')).body, '{"notes":[{"text":"hi"}]}\n')
    for (const worker of ['a', 'b', 'c']) await arrive(study, worker)
    const cells = await study.server.pool.query(
      'select cond, counterbalance from own_code order by uniqueid',
    )
    assert.deepEqual(
      cells.rows.map((row: { cond: number; counterbalance: number }) => [
        row.cond,
        row.counterbalance,
      ]),
      [
        [0, 7],
        [1, 7],
        [0, 7],
      ],
    )
    assert.equal((await get('/people')).body, '["a:Aa","b:Ab","c:Ac"]\n')
    await save(study, 'a:Aa', [{ trialdata: { rt: 1 } }])
    assert.equal((await get('/age/a%3AAa')).body, '{"age":"30","trials":1}\n')
    const unknown = await get('/age/x')
    assert.deepEqual([unknown.statusCode, unknown.json()], [404, { message: 'nobody' }])
    const echo = await study.app.inject({ method: 'POST', url: '/echo?q=1', payload: { a: [1] } })
    assert.deepEqual(echo.json(), {
      form: {},
      json: { a: [1] },
      query: { q: '1' },
      type: 'application/json',
    })
    const rewrite = await study.app.inject({
      method: 'POST',
      url: '/rewrite',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'uniqueId=a%3AAa',
    })
    assert.equal(rewrite.body, '{"saved":true}\n')
    const { rows } = await study.server.pool.query(
      `select bonus, status, datastring::json ->> 'checked' as checked,
         datastring::json -> 'questiondata' ->> 'age' as age from own_code where uniqueid = 'a:Aa'`,
    )
    assert.deepEqual(rows, [{ bonus: 0.5, status: 5, checked: 'true', age: '30' }])

    const closed = await get('/secret')
    assert.equal(closed.statusCode, 401)
    assert.equal(closed.headers['www-authenticate'], 'Basic realm="Login Required"')
    const wrong = Buffer.from('me:wrong').toString('base64')
    assert.equal((await get('/secret', { authorization: `Basic ${wrong}` })).statusCode, 401)
    const right = Buffer.from('me:pass').toString('base64')
    const open = await get('/secret', { authorization: `Basic ${right}` })
    assert.equal(open.body, 'raw &lt;me&gt;')
    assert.match(open.headers['cache-control']?.toString() ?? '', /no-cache/)

    const flashed = await get('/flash')
    assert.deepEqual([flashed.statusCode, flashed.headers.location], [302, '/flashed'])
    const cookie = String(flashed.headers['set-cookie']).split(';')[0] ?? ''
    assert.equal((await get('/flashed', { cookie })).body, 'be &lt;b&gt;quick&lt;/b&gt;;')
    assert.match((await get('/refuse')).body, /<b>Error<\/b>: 1010/)
    const broken = await get('/broken')
    assert.equal(broken.statusCode, 500)
    assert.match(broken.body, /<b>Error<\/b>: 9999/)
    assert.doesNotMatch(broken.body, /secret detail/)
    assert.equal((await get('/nothing')).statusCode, 204)
  } finally {
    await study.stop()
  }
})

test('a study can end in any numbered page of the original', async () => {
  const custom = `
import { defineStudy } from '@hokku/experiment'
export default defineStudy({ routes: { 'GET /fail': ({ query, error }) => error(query['key']) } })
`
  const study = await start('numbered', { 'custom.ts': custom })
  try {
    for (const [key, [number]] of Object.entries(PARTICIPANT_ERRORS)) {
      // oxlint-disable-next-line no-await-in-loop
      const { body, statusCode } = await study.app.inject({ url: `/fail?key=${key}` })
      assert.match(body, new RegExp(`<b>Error</b>: ${number}`), key)
      assert.equal(statusCode, key === 'unknown_error' ? 500 : 200, key)
    }
  } finally {
    await study.stop()
  }
})

test('without all three login options no one gets past requireLogin', async () => {
  const study = await start(
    'no_login',
    {
      'custom.ts': `export default { routes: { 'GET /secret': ({ requireLogin }) => { requireLogin(); return 'in' } } }`,
    },
    '[Server Parameters]\nlogin_username = me\nlogin_pw = pass\n',
  )
  try {
    const authorization = `Basic ${Buffer.from('me:pass').toString('base64')}`
    const answer = await study.app.inject({ url: '/secret', headers: { authorization } })
    assert.equal(answer.statusCode, 401)
  } finally {
    await study.stop()
  }
})

test('own code that cannot be used is refused with file and reason', async () => {
  const faults: Record<string, [string, RegExp]> = {
    syntax: ['export default {', /custom\.ts cannot be loaded: /],
    shape: ['export const routes = {}', /custom\.ts must export a study by default/],
    address: [
      `export default { routes: { '/x': () => 1 } }`,
      /"\/x" is not the address of a route/,
    ],
    start: [`export default { initApp: () => { throw new Error('no table') } }`, /no table/],
  }
  for (const [name, [source, reason]] of Object.entries(faults)) {
    await assert.rejects(start(`bad_${name}`, { 'custom.ts': source }), reason, name)
  }
})

test('a condition that cannot be stored fails the arrival, not the study', async () => {
  const study = await start('bad_condition', {
    'custom.ts': `let n = 0
export default { getCondition: () => { n += 1; if (n === 1) throw new Error('no condition'); return [n, 0] } }`,
  })
  try {
    const first = await arrive(study, 'x')
    const second = await arrive(study, 'x')

    assert.equal(first.statusCode, 500)
    assert.match(second.body, /condition = "2"/)
  } finally {
    await study.stop()
  }
})
