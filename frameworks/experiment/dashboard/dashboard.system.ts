import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { openBrowser, serveExample } from '../client/testing.ts'
import { Market } from '../mturk/stand-in/market.ts'
import { createStandIn } from '../mturk/stand-in/server.ts'
import { rememberHit } from '../store/hits.ts'
import { findParticipant } from '../store/participants.ts'

const market = new Market()
const standIn = createStandIn(market)
let example: Awaited<ReturnType<typeof serveExample>>
let cookie = ''

before(async () => {
  await standIn.listen({ host: '127.0.0.1', port: 0 })
  const site = `http://127.0.0.1:${(standIn.server.address() as AddressInfo).port}`
  example = await serveExample({
    env: {
      PSITURK_ENABLE_DASHBOARD: 'true',
      PSITURK_LOGIN_USERNAME: 'ann',
      PSITURK_LOGIN_PW: 'geheim <b>',
      PSITURK_SECRET_KEY: 'k',
      PSITURK_DO_SCHEDULER: 'true',
      PSITURK_MTURK_ENDPOINT: site,
      PSITURK_AD_URL: 'https://study.example/pub',
      PSITURK_NUM_CONDS: '3',
      PSITURK_REQUIRE_TOKEN: 'false',
      PSITURK_PROLIFIC_COMPLETION_CODE: 'CODE1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  })
  const answer = await login('ann', 'geheim <b>')
  cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
})
after(async () => {
  await example.close()
  await standIn.close()
})

const login = (username: string, password: string, next = '/dashboard/hits') =>
  fetch(`${example.url}/dashboard/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ username, password, next }),
  })

const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(`${example.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      cookie,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

/** Somebody who took part and submitted, on a HIT of this study. */
async function submit(
  worker: string,
  mode = 'sandbox',
): Promise<{ uniqueId: string; hitId: string }> {
  const typeId = market.createType({
    Title: 't',
    Description: 'd',
    Reward: '0.10',
    AssignmentDurationInSeconds: 600,
  })
  const question = '<ExternalQuestion></ExternalQuestion>'
  const hit = market.createHit({ typeId, question, lifetimeSeconds: 3600, max: 3 })
  const { pool, tables } = example.running.server
  await rememberHit(pool, tables, hit.id)
  const { id } = market.accept(hit.id, worker)
  await fetch(
    `${example.url}/exp?${new URLSearchParams({ workerId: worker, assignmentId: id, hitId: hit.id, mode }).toString()}`,
  )
  const uniqueId = `${worker}:${id}`
  const data = Array.from({ length: 12 }, (_, i) => ({
    uniqueid: uniqueId,
    current_trial: i,
    dateTime: 1,
    trialdata: { phase: 'TEST', hit: true, rt: 300 + 37 * i },
  }))
  await fetch(`${example.url}/sync/${uniqueId}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      data,
      questiondata: { note: '<script>alert(1)</script>' },
      eventdata: [],
    }),
  })
  await fetch(`${example.url}/compute_bonus?uniqueId=${uniqueId}`)
  await fetch(`${example.url}/worker_complete?uniqueId=${uniqueId}`)
  await fetch(`${example.url}/worker_submitted?uniqueId=${uniqueId}`)
  market.submit(id, '{}')
  return { uniqueId, hitId: hit.id }
}

const status = async (uniqueId: string) => {
  const { pool, tables } = example.running.server
  return (await findParticipant(pool, tables, uniqueId))?.status
}

test('nobody gets in without the password, and next leads nowhere else', async () => {
  const wrong = await login('ann', 'x')
  const right = await login('ann', 'geheim <b>', 'https://evil.example/')

  assert.match(await wrong.text(), /Incorrect username or password/)
  assert.equal(wrong.headers.get('set-cookie'), null)
  assert.equal(right.headers.get('location'), '/dashboard/')
  assert.match(right.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Lax/)
  for (const path of [
    '/dashboard/',
    '/api/assignments',
    '/dashboard/data/trialdata.csv',
    '/dashboard/overview.json',
  ]) {
    const answer = await fetch(`${example.url}${path}`, {
      redirect: 'manual',
      headers: { cookie: cookie.slice(0, -2) },
    })
    assert.equal(answer.status, 302, path)
    assert.match(answer.headers.get('location') ?? '', /^\/dashboard\/login\?next=/)
  }
})

test('another site cannot act in the name of who is logged in', async () => {
  const { uniqueId } = await submit('CROSS')

  const byGet = await ask('GET', '/api/hits/action/approve_all', undefined, {
    'sec-fetch-site': 'cross-site',
  })
  const byPost = await ask(
    'POST',
    '/api/assignments/action/approve_all',
    {},
    { origin: 'https://evil.example' },
  )

  assert.equal(byGet.status, 403)
  assert.equal(byPost.status, 403)
  assert.equal(await status(uniqueId), 4)
})

test('submissions are approved and bonused over the API', async () => {
  const { uniqueId } = await submit('API1')

  const approved = (await (
    await ask('POST', '/api/assignments/action/approve_all', {})
  ).json()) as { status: string }[]
  const refused = await ask('POST', '/api/assignments/action/bonus_all', { reason: ' ' })
  const paid = await ask('POST', '/api/assignments/action/bonus_all', { reason: 'well done' })

  assert.ok(approved.length > 0 && approved.every((one) => one.status === 'success'))
  assert.equal(refused.status, 400)
  assert.equal(((await refused.json()) as { exception: string }).exception, 'ValueError')
  assert.equal(paid.status, 201)
  assert.equal(await status(uniqueId), 7)
  assert.ok(
    market.payments.some((payment) => payment.workerId === 'API1' && payment.amount === '0.24'),
  )
})

test('HITs are listed, expired and deleted over the API', async () => {
  const { hitId } = await submit('HIT1')

  const list = (await (await ask('GET', '/api/hits/')).json()) as {
    options: Record<string, unknown>
  }[]
  const expired = await ask('PATCH', `/api/hit/${hitId}`, { is_expired: true })
  await ask('PATCH', `/api/hit/${hitId}`, { action: 'approve_all' })
  const deleted = await ask('DELETE', `/api/hit/${hitId}`)

  const own = list.find((hit) => hit.options['hitid'] === hitId)?.options
  assert.equal(own?.['number_submissions_needing_action'], 1)
  assert.match(String(own['creation_time']), /GMT$/)
  assert.equal(expired.status, 201)
  assert.equal(deleted.status, 204)
  assert.equal((await ask('DELETE', `/api/hit/${hitId}`)).status, 400)
})

test('a long action runs in the background and tells how far it is', async () => {
  const { uniqueId } = await submit('JOB1')
  const { job } = (await (await ask('POST', '/api/jobs', { name: 'approve_all' })).json()) as {
    job: string
  }

  let state: { done: number; total: number; ended: boolean }
  do state = (await (await ask('GET', `/api/jobs/${job}`)).json()) as typeof state
  while (!state.ended)

  assert.equal(state.done, state.total)
  assert.equal(await status(uniqueId), 5)
})

test('a campaign posts HITs of at most nine until its goal, one at a time', async () => {
  await ask('GET', '/api/hits/action/expire_all')
  const plan = {
    goal: 60,
    hit_reward: 0.5,
    hit_duration_hours: 1,
    assignments_per_round: 20,
    minutes_between_rounds: 30,
  }
  const before = market.hits.size

  const created = await ask('POST', '/api/campaigns', plan)
  const second = await ask('POST', '/api/campaigns', plan)
  for (let i = 0; i < 100 && market.hits.size < before + 3; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))

  const { id } = (await created.json()) as { id: number }
  assert.equal(created.status, 201)
  assert.equal(second.status, 400)
  assert.deepEqual(
    [...market.hits.values()].slice(before).map((hit) => hit.max),
    [9, 9, 2],
  )
  assert.equal((await ask('PATCH', `/api/campaigns/${id}`, { goal: 1 })).status, 400)
  const ended = (await (
    await ask('PATCH', `/api/campaigns/${id}`, { is_active: false })
  ).json()) as { is_active: boolean }
  assert.equal(ended.is_active, false)
  assert.deepEqual(await (await ask('GET', '/api/tasks')).json(), [])
})

test('the task of approving everything runs at once and exists once', async () => {
  const { uniqueId } = await submit('TASK1')

  const created = await ask('POST', '/api/tasks', { name: 'approve_all', interval: 0.1 })
  const second = await ask('POST', '/api/tasks', { name: 'approve_all', interval: 1 })
  for (let i = 0; i < 100 && (await status(uniqueId)) !== 5; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))

  const task = (await created.json()) as { id: string; interval_minutes: number }
  assert.equal(task.interval_minutes, 30)
  assert.equal(second.status, 400)
  assert.equal(await status(uniqueId), 5)
  assert.equal((await ask('DELETE', `/api/tasks/${task.id}`)).status, 204)
})

test('the mode is each visitor’s own', async () => {
  const other = (await login('ann', 'geheim <b>')).headers.get('set-cookie')?.split(';')[0] ?? ''

  const changed = await ask('POST', '/dashboard/mode', { mode: 'live' })
  const live = changed.headers.get('set-cookie')?.split(';')[0] ?? ''
  const modeOf = async (who: string) =>
    (
      (await (
        await fetch(`${example.url}/api/services_manager`, { headers: { cookie: who } })
      ).json()) as { mode: string }
    ).mode

  assert.equal(await modeOf(live), 'live')
  assert.equal(await modeOf(other), 'sandbox')
})

test('personal links and Prolific lead through the study to a completion code', async () => {
  await ask('POST', '/dashboard/links', undefined, {})
  const made = await fetch(`${example.url}/dashboard/links`, {
    method: 'POST',
    headers: { cookie },
    body: new URLSearchParams({ count: '2', label: 'lab' }),
  })
  const address = /\/join\/L[0-9a-f]{24}/.exec(await made.text())?.[0] ?? ''
  const ad = await fetch(`${example.url}${address}`)
  const ids = new URL(ad.url).searchParams
  await fetch(`${example.url}/exp?${ids.toString()}`)
  const uniqueId = `${ids.get('workerId')}:${ids.get('assignmentId')}`
  const end = await (await fetch(`${example.url}/complete?uniqueId=${uniqueId}&mode=link`)).text()
  const record = await (
    await ask('GET', `/dashboard/participants/${encodeURIComponent(uniqueId)}`)
  ).text()
  const prolific = await fetch(`${example.url}/prolific?PROLIFIC_PID=P&STUDY_ID=S&SESSION_ID=X`)
  await fetch(`${example.url}/exp?${new URL(prolific.url).searchParams.toString()}`)
  const back = await (await fetch(`${example.url}/complete?uniqueId=P:X&mode=prolific`)).text()

  const code = /completion code: <code>([0-9A-F]{10})</.exec(end)?.[1]
  assert.ok(code !== undefined && record.includes(code))
  assert.match(back, /https:\/\/app\.prolific\.com\/submissions\/complete\?cc=CODE1/)
  assert.match(await (await fetch(`${example.url}/join/nobody`)).text(), /<b>Error<\/b>: 1013/)
})

test('all pages show in a browser, draw their plots, and run no participant’s script', async () => {
  const { uniqueId } = await submit('<b>X', 'live')
  const browser = await openBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('dialog', (dialog) => faults.push(dialog.message()))
  await page.goto(`${example.url}/dashboard/`)
  await page.fill('[name=username]', 'ann')
  await page.fill('[name=password]', 'geheim <b>')
  await page.click('button.primary')
  await page.waitForSelector('#times svg')
  const plots = await page.locator('#plots svg').count()
  const titles: string[] = []
  for (const place of [
    'participants',
    `participants/${encodeURIComponent(uniqueId)}`,
    'hits',
    'campaigns',
    'tasks',
    'links',
    'data',
  ]) {
    await page.goto(`${example.url}/dashboard/${place}`)
    titles.push((await page.textContent('h1')) ?? '')
  }
  await browser.close()

  assert.ok(plots >= 4)
  assert.deepEqual(titles, [
    'Participants',
    uniqueId,
    'HITs',
    'Campaigns',
    'Tasks',
    'Links',
    'Data',
  ])
  assert.deepEqual(faults, [])
})

test('data comes as files, the tidy one with a header', async () => {
  const trials = await (await ask('GET', '/dashboard/data/trials.csv')).text()
  const lines = await (await ask('GET', '/dashboard/data/participants.jsonl')).text()
  const original = await (await ask('GET', '/dashboard/data/trialdata.csv')).text()

  assert.match(
    trials,
    /^uniqueid,workerid,assignmentid,hitid,codeversion,mode,cond,counterbalance,status,bonus,beginhit,endhit,current_trial,dateTime,phase,hit,rt\r\n/,
  )
  assert.match(trials, /API1:\w+,API1,[^\r]*,TEST,true,300\r\n/)
  const first = JSON.parse(lines.split('\n')[0] ?? '') as { document: { data: unknown[] } }
  assert.equal(first.document.data.length, 12)
  assert.match(original, /^CROSS:\w+,0,1,"\{""phase"": ""TEST"", ""hit"": true, ""rt"": 300\}"\r\n/)
  assert.equal((await ask('GET', '/dashboard/data/constructor')).status, 404)
})

test('a dashboard without its login is off, says so, and the study runs', async () => {
  const open = await serveExample({
    env: { PSITURK_ENABLE_DASHBOARD: '1', PSITURK_LOGIN_USERNAME: 'a' },
  })
  try {
    assert.ok(
      open.running.notices.includes(
        'The dashboard is off: login_pw, secret_key in [Server Parameters] must be set.',
      ),
    )
    assert.equal((await fetch(`${open.url}/dashboard/`)).status, 404)
    assert.equal((await fetch(open.url)).status, 200)
  } finally {
    await open.close()
  }
})
