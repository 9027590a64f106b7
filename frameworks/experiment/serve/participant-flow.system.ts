import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findParticipant } from '../store/participants.ts'
import { browserOf, ids, openTestStudy } from './testing.ts'

type TestStudy = Awaited<ReturnType<typeof openTestStudy>>
let study: TestStudy
let browser: ReturnType<typeof browserOf>

before(async () => {
  study = await openTestStudy({
    config: `[Task Parameters]\nnum_conds = 2\ncontact_email_on_error = a@b.c\n`,
  })
  browser = browserOf(study.app)
})
after(() => study.close())

const row = (uniqueId: string) => findParticipant(study.server.pool, study.server.tables, uniqueId)

test('a participant goes from ad to submission', async () => {
  const ad = await browser.visit(`/ad?${ids('W1')}&mode=live`)
  const consent = await browser.visit(`/consent?${ids('W1')}&mode=live`)
  const exp = await browser.visit(`/exp?${ids('W1')}&mode=live`)
  const fresh = await browser.visit('/sync/W1%3AAW1')
  const started = await browser.form('/inexp', { uniqueId: 'W1:AW1' })
  const saved = await browser.put('W1:AW1', '{"b":1.50,"a":{"é":1}}')
  const loaded = await browser.visit('/sync/W1:AW1')
  const done = await browser.visit('/complete?uniqueId=W1:AW1&mode=live')
  const thanks = await browser.visit(`/ad?${ids('W1')}&mode=sandbox`)
  const submitted = await browser.visit('/worker_submitted?uniqueId=W1%3AAW1')

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
  await browser.visit(`/exp?${ids('W2')}&mode=live`)
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
    const answer = await browser.visit(url)
    assert.match(answer.body, new RegExp(`<b>Error</b>: ${number} a@b\\.c`), url)
    assert.equal(answer.statusCode, 200)
  }
  const phone = await browser.visit(`/ad?${ids('W')}&mode=live`, {
    'user-agent':
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  })
  assert.match(phone.body, /: 1014 /)
  assert.match((await browser.form('/inexp', {})).body, /: 1013 /)
  assert.match((await browser.form('/quitter', { uniqueId: 'nobody:A' })).body, /: 1011 /)
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

  assert.match((await browser.visit(`/exp?${ids('Twice')}&mode=live`)).body, /: 1004 /)
  assert.match((await browser.visit(`/ad?${ids('Paid')}&mode=live`)).body, /: 1000 /)
})

test('a query parameter named like an error variable neither crashes nor overrides', async () => {
  const answer = await browser.visit('/exp?errornum=5&contact_address=x&self=1&hitId=%3Cb%3E')

  assert.equal(answer.body, '<b>Error</b>: 1003 a@b.c &lt;b&gt;')
})

test('who started cannot start again, except in debug mode', async () => {
  for (const [worker, hit] of [
    ['W3', 'H'],
    ['debugW', 'debugH'],
  ] as const) {
    await browser.visit(`/exp?${ids(worker, hit)}&mode=debug`)
    await browser.form('/inexp', { uniqueId: `${worker}:A${worker}` })
  }

  assert.match((await browser.visit(`/exp?${ids('W3')}&mode=debug`)).body, /: 1008 /)
  assert.match((await browser.visit(`/ad?${ids('W3')}&mode=debug`)).body, /: 1009 /)
  assert.match(
    (await browser.visit(`/exp?${ids('debugW', 'debugH')}&mode=debug`)).body,
    /debugW:AdebugW/,
  )
})

test('status questions are answered as in the original', async () => {
  await browser.visit(`/exp?${ids('W4')}&mode=live`)

  assert.equal(
    (await browser.visit('/check_worker_status?workerId=W4&assignmentId=none')).body,
    '{"status":1}\n',
  )
  assert.equal(
    (await browser.visit('/check_worker_status?workerId=new&assignmentId=A')).body,
    '{"status":0}\n',
  )
  assert.equal(
    (await browser.visit('/check_worker_status?assignmentId=A')).body,
    '{"status":"bad request"}\n',
  )
  assert.equal((await browser.visit('/check_worker_status?workerId=W4')).statusCode, 400)
  assert.equal((await browser.visit('/worker_complete')).body, '{"status":"bad request"}\n')
  assert.equal(
    (await browser.visit('/worker_complete?uniqueId=no:A')).body,
    '{"status":"database error"}\n',
  )
  assert.equal(
    (await browser.form('/inexp', { uniqueId: 'no:A' })).body,
    '{"status":"error, uniqueId not found"}\n',
  )
  assert.equal(
    (await browser.form('/quitter', { uniqueId: 'debugX:A' })).body,
    `{"status":"didn't mark as quitter since this is debugging"}\n`,
  )
  assert.equal((await browser.form('/quitter', {})).statusCode, 400)
})

test('who quits is marked, and may still come back to finish', async () => {
  await browser.visit(`/exp?${ids('W5')}&mode=live`)

  assert.equal(
    (await browser.form('/quitter', { uniqueId: 'W5:AW5' })).body,
    '{"status":"marked as quitter"}\n',
  )
  const left = await row('W5:AW5')
  assert.equal(left?.status, 6)
  assert.equal(left.endhit, null)
  await browser.visit('/complete?uniqueId=W5:AW5&mode=live')
  assert.equal((await row('W5:AW5'))?.status, 3)
})

test('ids of ten thousand characters are unknown, in any place', async () => {
  const long = 'x'.repeat(10_000)

  assert.equal((await browser.visit(`/sync/${long}`)).statusCode, 404)
  assert.equal(
    (await browser.put(long, '{}')).body,
    '{"message":"DB error: Unique user not found."}\n',
  )
  assert.match((await browser.form('/inexp', { uniqueId: long })).body, /: 1013 /)
  assert.equal((await browser.form('/quitter', { uniqueId: long })).statusCode, 400)
  assert.match((await browser.visit(`/complete?uniqueId=${long}&mode=live`)).body, /: 1013 /)
  assert.equal(
    (await browser.visit(`/worker_submitted?uniqueId=${long}`)).body,
    '{"status":"bad request"}\n',
  )
  assert.equal(
    (await browser.visit(`/check_worker_status?workerId=${long}&assignmentId=A`)).body,
    '{"status":"bad request"}\n',
  )
})

test('an empty mode or HIT id is none; what is refused is a page for people', async () => {
  const html = { accept: 'text/html,application/xhtml+xml' }
  const exp = await browser.visit('/exp?hitId=&assignmentId=AWe&workerId=We&mode=')
  const consent = await browser.visit('/consent?hitId=debugH&assignmentId=A&workerId=We2')
  const ad = await browser.visit('/ad?hitId=&assignmentId=A&mode=live', html)
  const done = await browser.visit('/complete?uniqueId=We:AWe', html)
  const refused = await browser.visit('/check_worker_status?workerId=We', html)
  const forPrograms = await browser.visit('/check_worker_status?workerId=We')

  assert.match(exp.body, /uniqueId = "We:AWe"/)
  assert.equal((await row('We:AWe'))?.mode, 'live')
  assert.match(consent.body, /mode=debug/)
  assert.match(ad.body, /ad for None in live/)
  assert.match(done.body, /Thank you|window\.opener/)
  assert.deepEqual([refused.statusCode, refused.headers['content-type']], [400, HTML])
  assert.match(refused.body, /<b>Error<\/b>: 400 a@b\.c/)
  assert.deepEqual(forPrograms.json(), { message: 'The parameter assignmentId is missing.' })
})

const HTML = 'text/html; charset=utf-8'

test('links carry their parameters on: a condition, a code, and the way back', async () => {
  const own = await openTestStudy({
    files: { 'templates/complete.html': 'Debugging task complete!' },
    config: `[Task Parameters]
num_conds = 3
condition_by_link = true
allow_resume = 30
[HIT Configuration]
completion_url = https://sona.example/credit?id={worker_id}&code={survey_code}
`,
  })
  const { visit, form } = browserOf(own.app)
  const query = (text: string): string =>
    new URL(text.replaceAll('&amp;', '&'), 'http://x').searchParams.toString()
  try {
    const joined = await visit('/join?id=p1&survey_code=a%26b%27c&condition=2')
    const ad = await visit(String(joined.headers.location))
    const consent = await visit(`/consent?${query(/\/consent[^"]+/.exec(ad.body)?.[0] ?? '')}`)
    const exp = await visit(`/exp?${query(/\/exp[^"]+/.exec(consent.body)?.[0] ?? '')}`)
    const uniqueId = /uniqueId = "([^"]+)"/.exec(exp.body)?.[1] ?? ''
    await form('/inexp', { uniqueId })
    await form('/quitter', { uniqueId })
    const again = await visit(`/exp?${query(/\/exp[^"]+/.exec(consent.body)?.[0] ?? '')}`)
    const done = await visit(`/complete?uniqueId=${uniqueId}&mode=link`)
    const wrong = await visit(`/exp?hitId=H&assignmentId=A&workerId=p2&mode=link&condition=3`)

    assert.match(exp.body, /condition = "2"/)
    assert.match(again.body, /condition = "2"/)
    assert.match(done.body, /https:\/\/sona\.example\/credit\?id=p1&(?:amp;)?code=a%26b%27c"/)
    assert.match(wrong.body, /condition = "[012]"/)
  } finally {
    await own.close()
  }
})

test("a study's own last page is shown to link arrivals only if it shows their code", async () => {
  const page = async (complete: string) => {
    const own = await openTestStudy({ files: { 'templates/complete.html': complete } })
    const { visit } = browserOf(own.app)
    await visit('/exp?hitId=link&assignmentId=A&workerId=W&mode=link')
    const byLink = await visit('/complete?uniqueId=W:A&mode=link')
    const debug = await visit('/complete?uniqueId=W:A&mode=debug')
    await own.close()
    return [byLink.body, debug.body]
  }
  const [old, oldInDebug] = await page('Debugging task complete!')
  const [own] = await page('Mine: {{ completion_code }}')

  assert.match(old ?? '', /completion code: <code>[0-9A-F]{10}</)
  assert.equal(oldInDebug, 'Debugging task complete!')
  assert.match(own ?? '', /^Mine: [0-9A-F]{10}$/)
})
