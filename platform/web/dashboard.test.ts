import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openDashboard } from './testing.ts'

/** A browser: keeps its cookie, and sends forms as the page that it has open would. */
function openBrowser(t: Pick<TestContext, 'after'>) {
  const dashboard = openDashboard(t)
  const { api } = dashboard
  let cookie = ''
  const get = (url: string, headers: Record<string, string> = {}) =>
    api.inject({ url, headers: { cookie, ...headers } })
  const send = async (
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const answer = await api.inject({
      method: 'POST',
      url,
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(fields).toString(),
    })
    const set = answer.headers['set-cookie']
    if (typeof set === 'string') cookie = set.split(';')[0] ?? ''
    return answer
  }
  /** Sends a form of a page, with the hidden field that the page carries. */
  const sendFrom = async (page: string, url: string, fields: Record<string, string>) => {
    const { body } = await get(page)
    const formToken = /name="form_token" value="([^"]+)"/.exec(body)?.[1] ?? ''
    return await send(url, { form_token: formToken, ...fields })
  }
  const signIn = () => send('/dashboard/sign-in', { token: dashboard.token })
  return { ...dashboard, get, send, sendFrom, signIn }
}

test('signing in leads to the page that was asked for, if it is one of ours', async (t) => {
  const browser = openBrowser(t)

  const asked = await browser.get('/dashboard/apps/demo?x=1')
  const ours = await browser.send('/dashboard/sign-in', {
    token: ` ${browser.token}\n`,
    next: '/dashboard/apps/demo',
  })
  const elsewhere = await openBrowser(t).send('/dashboard/sign-in', { token: 'x', next: '//evil' })

  assert.equal(asked.statusCode, 303)
  assert.equal(asked.headers.location, '/dashboard/sign-in?next=%2Fdashboard%2Fapps%2Fdemo%3Fx%3D1')
  assert.equal(ours.headers.location, '/dashboard/apps/demo')
  assert.match(String(ours.headers['set-cookie']), /; HttpOnly; SameSite=Lax$/)
  assert.equal(elsewhere.statusCode, 401)
  assert.match(elsewhere.body, /That token is not known here/)
})

test('signing out ends the session, also for who has kept the cookie', async (t) => {
  const browser = openBrowser(t)
  const { headers } = await browser.signIn()
  const kept = String(headers['set-cookie']).split(';')[0] ?? ''

  const out = await browser.sendFrom('/dashboard', '/dashboard/sign-out', {})
  const page = await browser.get('/dashboard', { cookie: kept })

  assert.equal(out.headers.location, '/dashboard/sign-in')
  assert.match(String(out.headers['set-cookie']), /Max-Age=0/)
  assert.equal(page.statusCode, 303)
})

test('a form without the hidden field, or from another site, is refused as a page', async (t) => {
  const browser = openBrowser(t)
  await browser.signIn()

  const bare = await browser.send('/dashboard/apps', { name: 'stolen' })
  const foreign = await browser.send(
    '/dashboard/sign-in',
    { token: browser.token },
    {
      origin: 'https://evil.example',
    },
  )

  for (const answer of [bare, foreign]) {
    assert.equal(answer.statusCode, 403)
    assert.match(answer.body, /This form was not sent from this page\./)
  }
  assert.equal(browser.store.apps.find('stolen'), undefined)
})

test('an app is created under the name given, or its name is refused in the form', async (t) => {
  const browser = openBrowser(t)
  await browser.signIn()
  const create = (name: string) => browser.sendFrom('/dashboard', '/dashboard/apps', { name })

  const made = await create('my-app')
  const wrong = await create('My <App>')
  const unnamed = await create('')

  assert.equal(made.headers.location, '/dashboard/apps/my-app')
  assert.equal(wrong.statusCode, 422)
  assert.match(wrong.body, /value="My &lt;App&gt;"/)
  assert.match(wrong.body, /role="alert"/)
  assert.match(String(unnamed.headers.location), /^\/dashboard\/apps\/[a-z]+-[a-z]+-\d+$/)
})

test('the page of a new app says how to push, and that nothing runs', async (t) => {
  const browser = openBrowser(t)
  browser.store.apps.create('blank', browser.owner.id)
  await browser.signIn()

  const { body } = await browser.get('/dashboard/apps/blank')

  assert.match(body, /git remote add heroku https:\/\/localhost(:80)?\/blank\.git/)
  assert.match(body, /None: a deploy brings the first\./)
  assert.match(body, /heroku config:set NAME=value -a blank/)
})

test('a session counts for one port: cookies do not know ports', async (t) => {
  const browser = openBrowser(t)
  await browser.signIn()

  const elsewhere = await browser.get('/dashboard', { host: 'localhost:8080' })

  assert.equal(elsewhere.statusCode, 303)
})

test('the page of an app shows its dynos with the reason, its releases and its add-ons', async (t) => {
  const browser = openBrowser(t)
  const { store, owner } = browser
  const app = store.apps.create('shop', owner.id)
  store.apps.update(app.id, { maintenance: true })
  store.formations.set(app.id, { type: 'worker', quantity: 0, size: 'Basic', command: 'node w' })
  const addon = store.addons.create({
    appId: app.id,
    name: 'postgresql-calm-1',
    service: 'heroku-postgresql',
    plan: 'essential-0',
    accountId: owner.id,
    options: {},
    resource: {},
  })
  store.attachments.create({ appId: app.id, addonId: addon.id, name: 'DATABASE', namespace: null })
  const at = new Date().toISOString()
  browser.dynos.push({
    id: 'd',
    appId: app.id,
    name: 'web.1',
    type: 'web',
    command: 'node <server>',
    size: 'Basic',
    state: 'crashed',
    stateSince: at,
    stateReason: 'Process exited with status 3',
    release: { id: 'r', version: 7 },
    attachUrl: null,
    createdAt: at,
    updatedAt: at,
  })
  browser.plane.releases.create({
    appId: app.id,
    accountId: owner.id,
    description: 'Set FOO config vars',
    releasePhase: false,
  })
  await browser.signIn()

  const { body } = await browser.get('/dashboard/apps/shop')
  const live = await browser.get('/dashboard/apps/shop/live')

  for (const part of [body, live.body]) {
    assert.match(part, /Process exited with status 3 · /)
    assert.match(part, /node &lt;server&gt;/)
    assert.match(part, /heroku ps:scale worker=1 -a shop/)
    assert.match(part, /Set FOO config vars/)
    assert.match(part, /heroku-postgresql:essential-0 · postgresql-calm-1/)
    assert.match(part, /maintenance/)
  }
  assert.match(body, /^<!doctype html>/)
  assert.doesNotMatch(live.body, /<!doctype html>/)
})

test('the value of a config var is sent only when its form is, as text or in the page', async (t) => {
  const browser = openBrowser(t)
  const { store, owner } = browser
  const app = store.apps.create('secretive', owner.id)
  store.configVars.set(app.id, { name: 'PASSWORD', value: 'open <sesame>', attachmentId: null })
  store.configVars.set(app.id, {
    name: 'DATABASE_URL',
    value: 'postgres://{{endpoint:postgres}}/x',
    attachmentId: 'a',
  })
  await browser.signIn()
  const page = '/dashboard/apps/secretive'
  const reveal = (name: string) => browser.sendFrom(page, `${page}/config-var`, { name })

  const before = await browser.get(page)
  const shown = await reveal('PASSWORD')
  const filled = await reveal('DATABASE_URL')
  const unknown = await reveal('NOTHING')

  assert.doesNotMatch(before.body, /sesame/)
  assert.match(shown.body, /open &lt;sesame&gt;/)
  assert.match(filled.body, /postgres:\/\/127\.0\.0\.1:5433\/x/)
  assert.equal(unknown.statusCode, 404)
  assert.match(unknown.body, /secretive has no config var &quot;NOTHING&quot;/)
})

test('another account does not see that an app is there', async (t) => {
  const browser = openBrowser(t)
  const other = browser.store.accounts.create('other@example.com')
  browser.store.apps.create('private', other.id)
  await browser.signIn()

  const page = await browser.get('/dashboard/apps/private')
  const list = await browser.get('/dashboard')

  assert.equal(page.statusCode, 404)
  assert.doesNotMatch(list.body, /private/)
  assert.match(list.body, /Your first app/)
})

test('the log of an app leads to a stream that its session may read', async (t) => {
  const browser = openBrowser(t)
  browser.store.apps.create('loud', browser.owner.id)
  await browser.signIn()

  const { statusCode, headers } = await browser.get('/dashboard/apps/loud/log')

  assert.equal(statusCode, 307)
  assert.match(String(headers.location), /^\/log-streams\/[\w-]{20,}$/)
})

test('heroku login waits for an answer in the browser, yes or no, once', async (t) => {
  const browser = openBrowser(t)
  await browser.signIn()
  const start = async () => {
    const answer = await browser.api.inject({
      method: 'POST',
      url: '/auth',
      payload: { description: 'Heroku CLI login from <laptop>' },
    })
    return answer.json<{ browser_url: string; cli_url: string; token: string }>()
  }
  const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '')
  const poll = (login: { cli_url: string; token: string }) =>
    browser.api.inject({
      url: pathOf(login.cli_url),
      headers: { authorization: `Bearer ${login.token}` },
    })
  const [yes, no] = [await start(), await start()]

  const page = await browser.get(pathOf(yes.browser_url))
  const allowed = await browser.sendFrom(pathOf(yes.browser_url), pathOf(yes.browser_url), {
    answer: 'yes',
  })
  const refused = await browser.sendFrom(pathOf(no.browser_url), pathOf(no.browser_url), {
    answer: 'no',
  })
  const gone = await browser.get('/dashboard/cli-login/unknown')

  assert.match(page.body, /Heroku CLI login from &lt;laptop&gt;/)
  assert.match(allowed.body, /Logged in/)
  assert.match(refused.body, /The command line has not been let in\./)
  const { access_token: token } = (await poll(yes)).json<{ access_token: string }>()
  assert.equal(browser.store.accounts.holderOf(token)?.account.id, browser.owner.id)
  assert.match((await poll(no)).body, /refused in the browser/)
  assert.equal(gone.statusCode, 404)
})

test('pages load nothing from elsewhere and are kept by no cache; their files are, for good', async (t) => {
  const browser = openBrowser(t)

  const page = await browser.get('/dashboard/sign-in')
  const [, style = ''] = /href="([^"]+style\.css)"/.exec(page.body) ?? []
  const file = await browser.get(style)
  const missing = await browser.get(style.replace('style.css', '..%2Ftesting.ts'))
  const root = await browser.get('/')

  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal(file.headers['content-type'], 'text/css; charset=utf-8')
  assert.match(String(file.headers['cache-control']), /immutable/)
  assert.equal(missing.statusCode, 404)
  assert.equal(root.headers.location, '/dashboard')
})

test('ten wrong tokens bar an address, as the router saw it', async (t) => {
  const browser = openBrowser(t)
  const attempt = async (token: string, from: string) => {
    const headers = { 'x-forwarded-for': `1.2.3.4, ${from}` }
    return (await browser.send('/dashboard/sign-in', { token }, headers)).statusCode
  }
  for (let i = 0; i < 10; i++) await attempt('HRKU-guess', '10.0.0.1')

  assert.equal(await attempt(browser.token, '10.0.0.1'), 429)
  assert.equal(await attempt(browser.token, '10.0.0.2'), 303)
})
