import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openDashboard, type DashboardTrial } from './testing.ts'

let board: DashboardTrial

before(async () => {
  board = await openDashboard()
})
after(() => board?.close())

test('personal links and Prolific lead through the study to a completion code', async () => {
  await board.ask('POST', '/dashboard/links', undefined, {})
  const made = await fetch(`${board.url}/dashboard/links`, {
    method: 'POST',
    headers: { cookie: board.cookie },
    body: new URLSearchParams({ count: '2', label: 'lab' }),
  })
  const address = /\/join\/L[0-9a-f]{24}/.exec(await made.text())?.[0] ?? ''
  const ad = await fetch(`${board.url}${address}`)
  const ids = new URL(ad.url).searchParams
  await fetch(`${board.url}/exp?${ids.toString()}`)
  const uniqueId = `${ids.get('workerId')}:${ids.get('assignmentId')}`
  const end = await (await fetch(`${board.url}/complete?uniqueId=${uniqueId}&mode=link`)).text()
  const record = await (
    await board.ask('GET', `/dashboard/participants/${encodeURIComponent(uniqueId)}`)
  ).text()
  const prolific = await fetch(`${board.url}/prolific?PROLIFIC_PID=P&STUDY_ID=S&SESSION_ID=X`)
  await fetch(`${board.url}/exp?${new URL(prolific.url).searchParams.toString()}`)
  const back = await (await fetch(`${board.url}/complete?uniqueId=P:X&mode=prolific`)).text()

  const code = /completion code: <code>([0-9A-F]{10})</.exec(end)?.[1]
  assert.ok(code !== undefined && record.includes(code))
  assert.match(back, /https:\/\/app\.prolific\.com\/submissions\/complete\?cc=CODE1/)
  assert.match(await (await fetch(`${board.url}/join/nobody`)).text(), /<b>Error<\/b>: 1013/)
})

test('one link is for everyone, and an id that it carries takes part once', async () => {
  const open = async (query: string) => new URL((await fetch(`${board.url}/join${query}`)).url)
  const [first, second] = [await open(''), await open('')]
  const [carried, again] = [await open('?id=SONA7'), await open('?id=SONA7')]

  assert.notEqual(first.searchParams.get('workerId'), second.searchParams.get('workerId'))
  assert.equal(first.searchParams.get('mode'), 'link')
  assert.equal(carried.searchParams.get('workerId'), 'SONA7')
  assert.equal(carried.search, again.search)
  assert.match(
    await (await fetch(`${board.url}/join?id=${'x'.repeat(200)}`)).text(),
    /<b>Error<\/b>: 1013/,
  )
})

test('all pages show in a browser, draw their plots, and run no participant’s script', async () => {
  const { uniqueId } = await board.submit('<b>X', 'live')
  const page = await board.openPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('dialog', (dialog) => faults.push(dialog.message()))
  await page.goto(`${board.url}/dashboard/`)
  await page.waitForSelector('#times svg')
  await page.locator('#balance', { hasText: '$' }).waitFor()
  const account = await page.textContent('#balance')
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
    await page.goto(`${board.url}/dashboard/${place}`)
    titles.push((await page.textContent('h1')) ?? '')
  }

  assert.ok(plots >= 4)
  assert.match(account ?? '', /^\$\d+\.\d\d · AKIDEXAMPLE$/)
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

test('the overview counts what was chosen, by version, mode, condition and status', async () => {
  await board.submit('COUNT1')
  const text = async (query: string): Promise<string> =>
    (await (await board.ask('GET', `/dashboard/?${query}`)).text()).replaceAll(/\s+/g, ' ')
  const funnel = async (query: string) =>
    (
      (await (await board.ask('GET', `/dashboard/overview.json?${query}`)).json()) as {
        funnel: { step: string; count: number }[]
      }
    ).funnel

  assert.match(
    await text('mode=sandbox'),
    /<td>submitted<\/td><td class="number">\d<\/td><td>sandbox<\/td><td>1\.0<\/td>/,
  )
  assert.match(await text('by_condition=1'), /<td>\d \/ 0<\/td>/)
  assert.match(await text('mode=debug'), /No participants yet/)
  assert.match(await text('status=5&mode=sandbox'), /No participants yet/)
  assert.match(await text('version=0.9'), /No participants yet/)
  assert.deepEqual(
    (await funnel('mode=sandbox&status=4')).map(({ step }) => step),
    ['arrived', 'started', 'finished', 'paid'],
  )
  assert.equal((await funnel('version=0.9'))[0]?.count, 0)
})

test('participants are found by id and status, and their saves are kept', async () => {
  const { uniqueId, hitId } = await board.submit('NEEDLE')
  const find = async (query: string): Promise<boolean> =>
    (await (await board.ask('GET', `/dashboard/participants?${query}`)).text()).includes(
      encodeURIComponent(uniqueId),
    )

  assert.deepEqual(
    [
      await find('search=needle'),
      await find(`search=${hitId}&status=4`),
      await find('search=needle&status=5'),
      await find('search=nobody'),
      await find('page=1'),
    ],
    [true, true, false, false, false],
  )
  const record = await (
    await board.ask('GET', `/dashboard/participants/${encodeURIComponent(uniqueId)}?version=1`)
  ).text()
  assert.match(record, /1 save is kept/)
  assert.match(record, /Document as of save 1/)
  const unknown = await board.ask('GET', '/dashboard/participants/nobody')
  assert.equal(unknown.status, 404)
  assert.match(await unknown.text(), /<nav>[\s\S]*There is no such participant/)
})

test('an action of a page asks, works in the background and says what failed', async () => {
  const { hitId } = await board.submit('ACT1')
  const page = await board.openPage()
  page.on('dialog', (dialog) => void dialog.accept())
  await page.goto(`${board.url}/dashboard/hits`)
  await page.click('text=Expire all')
  await page.locator('#outcome', { hasText: 'done, 0 failed' }).waitFor()
  // Someone else takes the HIT away meanwhile, so that this request must fail.
  await page.waitForLoadState()
  board.market.hits.delete(hitId)
  await page.goto(`${board.url}/dashboard/participants`)
  await page.click('text=Approve all submitted')
  await page.locator('#outcome', { hasText: '1 failed' }).waitFor()
  const outcome = await page.textContent('#outcome')

  assert.match(outcome ?? '', /\d done, 1 failed\.\n3A\w+: Mechanical Turk knows no submitted/)
})

test('data comes as files, the tidy one with a header', async () => {
  await board.submit('API1')
  const trials = await (await board.ask('GET', '/dashboard/data/trials.csv')).text()
  const lines = await (await board.ask('GET', '/dashboard/data/participants.jsonl')).text()
  const original = await (await board.ask('GET', '/dashboard/data/trialdata.csv')).text()

  assert.match(
    trials,
    /^uniqueid,workerid,assignmentid,hitid,codeversion,mode,cond,counterbalance,status,bonus,beginhit,endhit,current_trial,dateTime,phase,hit,rt\r\n/,
  )
  assert.match(trials, /API1:\w+,API1,[^\r]*,TEST,true,300\r\n/)
  const line = lines.split('\n').find((one) => one.includes('"API1"'))
  const first = JSON.parse(line ?? '') as { document: { data: unknown[] } }
  assert.equal(first.document.data.length, 12)
  assert.match(original, /^API1:\w+,0,1,"\{""phase"": ""TEST"", ""hit"": true, ""rt"": 300\}"\r\n/m)
  assert.equal((await board.ask('GET', '/dashboard/data/constructor')).status, 404)
})
