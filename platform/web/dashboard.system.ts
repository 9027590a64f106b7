import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { officialCli } from '../../tests/machine.ts'
import { spawn } from '@lydell/node-pty'
import { chromium, type Browser, type Page } from 'playwright-core'
import { startDashboard } from './testing.ts'

const HEROKU = join(await officialCli(), 'heroku')
const CHROMIUM = '/usr/bin/chromium'
const needsBrowser = { skip: existsSync(CHROMIUM) ? false : `needs ${CHROMIUM}` }
let browser: Browser | undefined

before(async () => {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args })
})
after(() => browser?.close())

test('one signs in, creates an app, and sees its log as it comes', needsBrowser, async (t) => {
  const { url, token, store, logs } = await startDashboard(t)
  const page = await openPage(t)

  await page.goto(url)
  await page.fill('#token', token)
  await page.click('text=Sign in >> nth=-1')
  await page.fill('[name=name]', 'Wrong Name')
  await page.click('text=Create app')
  assert.match((await page.textContent('[role=alert]')) ?? '', /"Wrong Name" is not valid/)
  await page.fill('[name=name]', 'first-app')
  await page.click('text=Create app')
  await page.waitForURL('**/dashboard/apps/first-app')
  const host = new URL(url).host
  await page.waitForSelector(`text=git remote add heroku https://${host}/first-app.git`)
  await page.waitForSelector('.log >> text=Initial release by user owner@example.com')
  logs.write(store.apps.find('first-app')?.id ?? '', 'app', 'web.1', 'hello <b>world</b>')
  await page.waitForSelector('.log >> text=hello <b>world</b>')
})

test('dynos, releases and add-ons change on the page by themselves', needsBrowser, async (t) => {
  const { url, token, store, owner, dynos, plane } = await startDashboard(t)
  const app = store.apps.create('changing', owner.id)
  const page = await openPage(t)
  await signIn(page, url, token)

  await page.goto(`${url}/dashboard/apps/changing`)
  await page.waitForSelector('text=None: a deploy brings the first.')
  const release = { id: 'r', version: 1 }
  const at = new Date().toISOString()
  dynos.push({
    id: 'd',
    appId: app.id,
    name: 'web.1',
    type: 'web',
    command: 'node .',
    size: 'Basic',
    state: 'crashed',
    stateSince: at,
    stateReason: 'Process exited with status 3',
    release,
    attachUrl: null,
    createdAt: at,
    updatedAt: at,
  })
  const request = { appId: app.id, accountId: owner.id, releasePhase: false }
  plane.releases.create({ ...request, description: 'Set FOO config vars' })

  await page.waitForSelector('text=Process exited with status 3')
  await page.waitForSelector('text=Set FOO config vars')
})

test('values of config vars are nowhere until they are asked for', needsBrowser, async (t) => {
  const { url, token, store, owner } = await startDashboard(t)
  const app = store.apps.create('secretive', owner.id)
  store.configVars.set(app.id, { name: 'PASSWORD', value: 'open-sesame', attachmentId: null })
  const page = await openPage(t)
  await signIn(page, url, token)

  await page.goto(`${url}/dashboard/apps/secretive`)
  await page.waitForSelector('text=PASSWORD')
  const before = await page.content()
  await page.click('[aria-label="Show the value of PASSWORD"]')
  await page.waitForSelector('text=open-sesame')
  await page.click('text=Hide')
  await page.waitForSelector('text=open-sesame', { state: 'detached' })

  assert.doesNotMatch(before, /open-sesame/)
})

test('visitors without a token get the sign-in page, wrong tokens no session, and many of them a pause', async (t) => {
  const { url } = await startDashboard(t)
  const attempt = (token: string) =>
    fetch(`${url}/dashboard/sign-in`, { method: 'POST', body: new URLSearchParams({ token }) })

  const page = await fetch(`${url}/dashboard/apps/demo`, { redirect: 'manual' })
  const api = await fetch(`${url}/account`)
  const statuses = []
  for (let i = 0; i < 11; i++) statuses.push((await attempt('HRKU-guess')).status)

  assert.equal(page.headers.get('location'), '/dashboard/sign-in?next=%2Fdashboard%2Fapps%2Fdemo')
  assert.equal(api.status, 401)
  assert.deepEqual(statuses, [...Array<number>(10).fill(401), 429])
})

test('a form from another site does nothing, with any cookie', async (t) => {
  const { url, token, store } = await startDashboard(t)
  const signedIn = await fetch(`${url}/dashboard/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ token, next: 'https://evil.example/' }),
    redirect: 'manual',
  })
  const cookie = signedIn.headers.get('set-cookie') ?? ''
  const session = cookie.split(';')[0] ?? ''
  const list = await (await fetch(`${url}/dashboard`, { headers: { cookie: session } })).text()
  const formToken = /name="form_token" value="([^"]+)"/.exec(list)?.[1] ?? ''
  const create = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${url}/dashboard/apps`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { cookie: session, ...headers },
      redirect: 'manual',
    })

  const without = await create({ name: 'forged' })
  const elsewhere = await create(
    { name: 'forged', form_token: formToken },
    { origin: 'http://forged.localhost' },
  )
  const subdomain = await create(
    { name: 'forged', form_token: formToken },
    { 'sec-fetch-site': 'same-site' },
  )
  const genuine = await create({ name: 'genuine', form_token: formToken })

  assert.equal(signedIn.headers.get('location'), '/dashboard')
  assert.match(cookie, /HttpOnly; SameSite=Lax/)
  assert.deepEqual([without.status, elsewhere.status, subdomain.status], [403, 403, 403])
  assert.equal(genuine.status, 303)
  assert.deepEqual(
    store.apps.list().map(({ name }) => name),
    ['genuine'],
  )
})

test('signing out ends the session for good', needsBrowser, async (t) => {
  const { url, token, store, owner } = await startDashboard(t)
  const page = await openPage(t)
  await signIn(page, url, token)
  assert.equal(store.accounts.authorizations(owner.id).length, 2)

  await page.click('text=Sign out')
  await page.waitForURL('**/dashboard/sign-in')

  assert.equal(store.accounts.authorizations(owner.id).length, 1)
})

test('heroku login opens a page that lets the command line in', needsBrowser, async (t) => {
  const { url, token } = await startDashboard(t)
  const page = await openPage(t)
  await signIn(page, url, token)
  const cli = startLogin(t, url)

  await cli.shows(/Press any key/)
  cli.write('x')
  const [link] = await cli.shows(/http:\/\/localhost:\d+\/dashboard\/cli-login\/[\w-]+/)
  await page.goto(link)
  await page.click('text=Log in as owner@example.com')
  await page.waitForSelector('text=return to your terminal')

  await cli.shows(/Logged in as owner@example\.com/)
})

async function openPage(t: TestContext): Promise<Page> {
  assert.ok(browser)
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  // The console has complaints only if the content security policy or our own script is wrong.
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  t.after(async () => {
    await page.close()
    assert.deepEqual(
      complaints.filter((text) => !/status of 4\d\d/.test(text)),
      [],
    )
  })
  return page
}

async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(`${url}/dashboard/sign-in`)
  await page.fill('#token', token)
  await page.click('button.main')
  await page.waitForURL('**/dashboard')
}

/** `heroku login` in its own terminal, which it insists on. */
function startLogin(t: TestContext, url: string) {
  const home = mkdtempSync(join(tmpdir(), 'hokku-cli-'))
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    BROWSER: 'true',
    NO_COLOR: '1',
    HEROKU_HOST: url,
    HEROKU_LOGIN_HOST: url,
    HEROKU_PARTICLEBOARD_URL: url,
    HEROKU_NETRC_WRITE: 'true',
    HEROKU_SKIP_NEW_VERSION_CHECK: '1',
    HEROKU_DISABLE_AUTOUPDATE: '1',
    DISABLE_TELEMETRY: 'true',
  }
  const terminal = spawn(process.execPath, [HEROKU, 'login'], { env: environment, cols: 300 })
  let output = ''
  let isOver = false
  terminal.onData((data) => (output += data))
  terminal.onExit(() => (isOver = true))
  t.after(() => {
    if (!isOver) terminal.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  })
  return {
    write: (text: string) => terminal.write(text),
    shows: async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (const end = Date.now() + 60_000; Date.now() < end;) {
        const match = pattern.exec(output)
        if (match !== null) return match
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error(`timed out waiting for ${pattern} in:\n${output}`)
    },
  }
}
