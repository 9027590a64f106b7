import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'
import { readAndAnswer } from '../../frameworks/experiment/client/stroop-participant.ts'
import { eventually, freePort, startPlatform } from './platform.ts'
import type { Background, TestPlatform } from './platform.ts'

/** Walk 3: the psiTurk document on hokku, from the example to paid workers and a sleeping app. */
let platform: TestPlatform
let browser: Browser
let marketplace: Background | undefined
/** The folder of the study, on the researcher's machine. */
let folder: string
/** The app's host with its port, as a browser needs it. */
let host: string
let app: string

const bin = join(import.meta.dirname, '../../frameworks/experiment/bin')
/** Longer than anything of this story needs between two requests but its last test. */
const ECO_IDLE_MS = 6_000

before(async () => {
  platform = await startPlatform([], { HOKKU_ECO_IDLE_MS: String(ECO_IDLE_MS) })
  folder = platform.folder
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
})

after(async () => {
  await browser?.close()
  await marketplace?.stop()
  await platform?.stop()
})

const withPsiturk = (line: string): string => `export PATH='${bin}':"$PATH"; ${line}`
const type = (line: string): Promise<string> => platform.sh(withPsiturk(line), { cwd: folder })

/** Waits for a line in the app's log. */
const logged = (pattern: RegExp): Promise<string> =>
  eventually(async () => pattern.exec(await type('heroku logs -n 300'))?.[0], 120_000)

const served = (): Promise<true> =>
  eventually(async () => ((await platform.get(app)).status === 200 ? true : undefined), 120_000)

/** Sets an option of config.txt, commented out there or not. */
async function configure(option: string, value: string): Promise<void> {
  const path = join(folder, 'config.txt')
  const text = await readFile(path, 'utf8')
  const line = new RegExp(`^(; )?${option} =.*$`, 'm')
  assert.match(text, line)
  await writeFile(
    path,
    text.replace(line, () => `${option} = ${value}`),
  )
}

const push = (message: string): Promise<string> =>
  type(`git add . && git commit -qm "${message}" && git push heroku master`)

/** Consent, instructions, nine words, the questionnaire; ends where the answers are being saved. */
async function takePart(page: Page): Promise<void> {
  await page.click('#agree')
  await readAndAnswer(page)
  await page.click('#next')
}

const statuses = async (url: string): Promise<string> =>
  (await type(`psql "${url}" -Atc 'select status from assignments order by beginhit'`)).trim()

test('heroku login lets the command line in, by the browser', async () => {
  const token = (await type('echo "$HEROKU_API_KEY"')).trim()
  // The command insists on a terminal; `script` is one. Its browser is ours.
  const login = platform.background(
    `eval "$(hokku env --no-key)"; export BROWSER=true; exec script -qfec 'heroku login' /dev/null`,
  )
  await login.until(/Press any key/)
  login.child.stdin?.write('x')
  const address = await login.until(/http:\/\/localhost:\d+\/dashboard\/cli-login\/[\w-]+/)
  const page = await (await browser.newContext()).newPage()
  await page.goto(address)
  await page.fill('#token', token)
  await page.click('button.main')
  await page.click('text=Log in as')

  await login.until(/Logged in as/)
  await login.stop()
})

test('psiturk-setup-example, git init, heroku create, psiturk-heroku-config', async () => {
  await type('psiturk-setup-example')
  folder = join(platform.folder, 'psiturk-example')
  await type('git init')
  await type('heroku create')

  const printed = await type('psiturk-heroku-config')

  assert.match(printed, /Copied Procfile\./)
  assert.equal(await readFile(join(folder, 'Procfile'), 'utf8'), 'web: psiturk serve\n')
  assert.equal((await type('heroku config:get ON_CLOUD')).trim(), '1')
  app = JSON.parse(await type('heroku apps:info --json')).app.name as string
})

test('an SQLite database is refused on the cloud, with the reason', async () => {
  await configure('database_url', 'sqlite:///participants.db')

  await push('Initial commit')

  await logged(/EphemeralContainerDBError.*sqlite:\/\/\/participants\.db/)
  await logged(/heroku addons:create heroku-postgresql/)
})

test('a database on localhost is refused on the cloud, too', async () => {
  await type('heroku config:set DATABASE_URL=postgres://me:pw@localhost/study')

  const line = await logged(/EphemeralContainerDBError.*localhost.*/)

  assert.ok(!line.includes('pw@'), line)
  await type('heroku config:unset DATABASE_URL')
})

test('database_url in config.txt is used while DATABASE_URL is unset', async () => {
  await type('heroku create elsewhere --no-remote')
  await type('heroku addons:create heroku-postgresql -a elsewhere --wait')
  await configure('database_url', await elsewhere())
  await configure('threads', '3')

  await push('A database of our own')

  await served()
  await logged(/Now serving on http:\/\/0\.0\.0\.0:\d+ with 3 processes/)
  assert.equal(await statuses(await elsewhere()), '')
})

test('the address of a database elsewhere can be a config var', async () => {
  await configure('database_url', '')
  await push('The environment names the database')

  await type('heroku config:set DATABASE_URL="$(heroku config:get DATABASE_URL -a elsewhere)"')

  await served()
  await type('heroku config:unset DATABASE_URL')
})

const elsewhere = async (): Promise<string> =>
  (await type('heroku config:get DATABASE_URL -a elsewhere')).trim()
const own = async (): Promise<string> => (await type('heroku config:get DATABASE_URL')).trim()

test('what the environment sets beats config.txt', async () => {
  await type('heroku addons:create heroku-postgresql --wait')
  await type('heroku config:set PSITURK_THREADS=1')

  assert.match(await type('heroku config'), /DATABASE_URL:\s+postgres:\/\//)
  await logged(/Now serving on http:\/\/0\.0\.0\.0:\d+\s*$/m)
  await served()
})

test('heroku domains shows the address, and a browser goes from the ad to the debriefing', async () => {
  const domain = /^[a-z0-9-]+\.localhost(:\d+)?$/m.exec(await type('heroku domains'))?.[0] ?? ''
  assert.ok(domain.startsWith(`${app}.localhost`), domain)
  host = domain.includes(':') ? domain : `${domain}:${platform.port}`
  const page = await (await browser.newContext()).newPage()
  await page.goto(`http://${host}/`)
  assert.match((await page.textContent('main')) ?? '', /Begin by viewing the ad/)
  await page.click('#ad')
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#begin')])

  await takePart(popup)

  await popup.waitForURL(/\/complete/)
  assert.match((await popup.textContent('main')) ?? '', /Stroop effect/)
  assert.equal(await statuses(await own()), '3')
  assert.equal(await statuses(await elsewhere()), '')
})

/** Where a local psiturk may get the address of the app's database. */
const PLACES: Readonly<Record<string, (address: string) => Promise<string>>> = {
  'config.txt': async (address) => {
    await configure('database_url', address)
    return 'psiturk download_datafiles'
  },
  'the environment': async (address) => `DATABASE_URL='${address}' psiturk download_datafiles`,
  '.env': async (address) => {
    await writeFile(join(folder, '.env'), `DATABASE_URL=${address}\n`)
    return 'psiturk download_datafiles'
  },
}

for (const [place, prepare] of Object.entries(PLACES)) {
  test(`psiturk download_datafiles fetches the data with the DATABASE_URL of heroku config in ${place}`, async () => {
    const shown = /DATABASE_URL:\s+(\S+)/.exec(await type('heroku config'))?.[1] ?? ''
    const line = await prepare(shown)

    await type(line)

    const [trials = '', questions = '', events = ''] = await Promise.all(
      DATA_FILES.map((name) => readFile(join(folder, name), 'utf8')),
    )
    const rows = trials.split('\r\n')
    assert.equal(rows.length, 17)
    assert.match(
      rows[5] ?? '',
      /^debug\w{6}:debug\w{6},5,\d{13},"\{""phase"": ""TEST"", ""word"": ""[A-Z]+"", ""color"": /,
    )
    assert.match(questions, /^debug\w{6}:debug\w{6},engagement,5\r\n/m)
    assert.match(events, /^debug\w{6}:debug\w{6},initialized,\d+,.*\r\n/m)
    await Promise.all(DATA_FILES.map((name) => rm(join(folder, name))))
    await configure('database_url', '')
  })
}

const DATA_FILES = ['trialdata.csv', 'questiondata.csv', 'eventdata.csv'] as const

test('heroku pg:psql and psql from outside reach the same rows', async () => {
  const inside = await type(`heroku pg:psql -c 'select count(*) as participants from assignments'`)
  const outside = await type(`psql "${await own()}" -Atc 'select count(*) from assignments'`)

  assert.match(inside, /participants\s+-+\s+1\s/)
  assert.equal(outside.trim(), '1')
})

test('AWS credentials and the addresses of the marketplace are config vars of the app', async () => {
  market = await openMarketplace()
  await type('heroku config:set AWS_ACCESS_KEY_ID=rehearsal')
  await type('heroku config:set AWS_SECRET_ACCESS_KEY=rehearsal')
  await type(`heroku config:set ${DASHBOARD} ${market.addresses}`)

  await eventually(
    async () => ((await platform.get(app, '/dashboard/login')).status === 200 ? true : undefined),
    120_000,
  )
})

const DASHBOARD =
  'PSITURK_ENABLE_DASHBOARD=true PSITURK_LOGIN_USERNAME=ann PSITURK_LOGIN_PW=quiet-river PSITURK_SECRET_KEY=made-of-letters'

/** `psiturk demo`: a marketplace that speaks Mechanical Turk's protocol, on this machine. */
async function openMarketplace(): Promise<Marketplace> {
  marketplace = platform.background(
    withPsiturk(`PSITURK_PORT=${await freePort()} exec psiturk demo`),
    { cwd: folder },
  )
  const line = await marketplace.until(/Marketplace: +http:\/\/[\d.:]+/)
  const site = line.replace(/^Marketplace: +/, '')
  const addresses = `PSITURK_MTURK_ENDPOINT=${site} PSITURK_MTURK_WORKER_SITE=${site}`
  const settings = `${addresses} AWS_ACCESS_KEY_ID=rehearsal AWS_SECRET_ACCESS_KEY=rehearsal`
  return { site, addresses, settings }
}
type Marketplace = { site: string; addresses: string; settings: string }
let market: Marketplace

test('a HIT made from here is worked on at the app, approved and paid', async () => {
  await configure('ad_url_domain', host)
  await configure('ad_url_protocol', 'http')
  const created = await type(`${market.settings} psiturk hit create 2 0.50 1`)
  const hitId = /HITid: (\w+)/.exec(created)?.[1] ?? ''
  assert.match(created, new RegExp(`Ad URL: http://${host}/pub\\?mode=sandbox`))

  const page = await (await browser.newContext()).newPage()
  await page.goto(`${market.site}/projects/${hitId}/tasks?workerId=WORKER1`)
  await page.click('button')
  const frame = page.frameLocator('iframe')
  const [popup] = await Promise.all([page.waitForEvent('popup'), frame.locator('#begin').click()])
  await takePart(popup)
  await frame.locator('#submit button').click()
  await frame.locator('text=The HIT has been submitted').waitFor()

  assert.equal(await statuses(await own()), '3\n4')
  assert.match(
    await type(`${market.settings} psiturk hit list`),
    /max:2\/pending:0\/complete:0\/remain:1/,
  )
  assert.match(
    await type(`${market.settings} psiturk worker approve --all`),
    /Response\(Operation: approve \w+ \| Status: success\)/,
  )
  assert.match(
    await type(`${market.settings} psiturk worker bonus --auto --all`),
    /Status: success/,
  )
  assert.equal(await statuses(await own()), '3\n7')
  assert.match(
    await type(`${market.settings} psiturk hit extend ${hitId} --assignments 3`),
    /Status: success/,
  )
  assert.match(
    await type(`${market.settings} psiturk hit list --active`),
    /max:5\/pending:0\/complete:1\/remain:4/,
  )
})

test('the dashboard of the app shows the HIT that Mechanical Turk has', async () => {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`http://${host}/dashboard/login`)
  await page.fill('input[name=username]', 'ann')
  await page.fill('input[name=password]', 'quiet-river')
  await page.click('form button')
  await page.waitForURL((url) => !url.pathname.includes('login'))

  const answer = await page.goto(`http://${host}/api/hits/`)

  assert.match((await answer?.text()) ?? '', /Stroop task/)
})

test('an Eco app falls asleep without traffic and wakes up on a request, a Basic app never sleeps', async () => {
  await type('heroku ps:type eco')
  await eventually(
    async () => (/web\.1: idle/.test(await type('heroku ps')) ? true : undefined),
    120_000,
  )

  const startedAt = performance.now()
  const woken = await platform.get(app)
  const wakingMs = performance.now() - startedAt

  assert.equal(woken.status, 200)
  assert.match(woken.text, /Stroop task/)
  assert.ok(wakingMs < 30_000, `${Math.round(wakingMs)} ms`)
  await logged(/Idling[^]*Unidling/)
  await type('heroku ps:type basic')
  await eventually(async () => (/web\.1: up/.test(await type('heroku ps')) ? true : undefined))
  await new Promise((resolve) => setTimeout(resolve, 2 * ECO_IDLE_MS))
  assert.match(await type('heroku ps'), /web\.1: up/)
})
