import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { serveExample } from '../client/testing.ts'
import { cookieOf, openDashboard, PASSWORD, type DashboardTrial } from './testing.ts'

let board: DashboardTrial

before(async () => {
  board = await openDashboard()
})
after(() => board?.close())

test('no one gets in without the password, and next leads nowhere else', async () => {
  const wrong = await board.login('ann', 'x')
  const right = await board.login('ann', PASSWORD, 'https://evil.example/')

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
    const answer = await fetch(`${board.url}${path}`, {
      redirect: 'manual',
      headers: { cookie: board.cookie.slice(0, -2) },
    })
    assert.equal(answer.status, 302, path)
    assert.match(answer.headers.get('location') ?? '', /^\/dashboard\/login\?next=/)
  }
})

test('another site cannot act in the name of who is logged in', async () => {
  const { uniqueId } = await board.submit('CROSS')

  const byGet = await board.ask('GET', '/api/hits/action/approve_all', undefined, {
    'sec-fetch-site': 'cross-site',
  })
  const byPost = await board.ask(
    'POST',
    '/api/assignments/action/approve_all',
    {},
    { origin: 'https://evil.example' },
  )

  assert.equal(byGet.status, 403)
  assert.equal(byPost.status, 403)
  assert.equal(await board.status(uniqueId), 4)
})

test('the mode is each visitor’s own', async () => {
  const other = cookieOf(await board.login('ann', PASSWORD))

  const changed = await board.ask('POST', '/dashboard/mode', { mode: 'live' })
  const live = cookieOf(changed)
  const modeOf = async (who: string) =>
    (
      (await (
        await fetch(`${board.url}/api/services_manager`, { headers: { cookie: who } })
      ).json()) as { mode: string }
    ).mode

  assert.equal(await modeOf(live), 'live')
  assert.equal(await modeOf(other), 'sandbox')
  for (const wrong of [{ mode: 'debug' }, {}, undefined]) {
    const answer = await board.ask('POST', '/dashboard/mode', wrong)
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /The mode is sandbox or live/)
  }
})

test('a login is greeted once', async () => {
  const page = await board.openPage()
  const first = await page.textContent('main')
  await page.reload()
  const second = await page.textContent('main')

  assert.match(first ?? '', /Logged in successfully\./)
  assert.doesNotMatch(second ?? '', /Logged in successfully/)
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
