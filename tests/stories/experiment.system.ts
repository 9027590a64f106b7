import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium, type Browser } from 'playwright-core'
import { readAndAnswer } from '../../frameworks/experiment/client/stroop-participant.ts'
import { eventually, startPlatform, type TestPlatform } from './platform.ts'

/** The seed's third document: a study made, pushed, taken part in, and its data fetched from outside. */
let platform: TestPlatform
let browser: Browser
let folder: string
let app: string

const bin = join(import.meta.dirname, '../../frameworks/experiment/bin')

before(async () => {
  platform = await startPlatform()
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
})

after(async () => {
  await browser?.close()
  await platform.stop()
})

const type = (line: string): Promise<string> =>
  platform.sh(`export PATH='${bin}':"$PATH"; ${line}`, { cwd: folder })

test('psiturk-setup-example and heroku create make a study and an app', async () => {
  folder = platform.folder
  await type('psiturk-setup-example')
  folder = join(platform.folder, 'psiturk-example')

  await type('git init -b master')
  const created = await type('heroku create')

  app =
    /Creating app\.\.\. done, ⬢ (\S+)|https?:\/\/([a-z0-9-]+)\.localhost/
      .exec(created)
      ?.slice(1)
      .find(Boolean) ?? ''
  assert.match(app, /^[a-z]/)
})

test('psiturk-heroku-config copies the Procfile and sets ON_CLOUD', async () => {
  const printed = await type('psiturk-heroku-config')

  assert.match(printed, /Copied Procfile\./)
  assert.equal(await readFile(join(folder, 'Procfile'), 'utf8'), 'web: psiturk serve\n')
  assert.equal((await type('heroku config:get ON_CLOUD')).trim(), '1')
})

test('a push without a database fails to start and says which add-on it needs', async () => {
  await type('git add . && git commit -qm "Initial commit"')
  const printed = await type('git push heroku master')

  assert.match(printed, /Experiment \(psiTurk\) app detected/)
  const logs = await eventually(async () => {
    const text = await type('heroku logs -n 200')
    return /heroku addons:create heroku-postgresql/.test(text) ? text : undefined
  })
  assert.match(logs, /EphemeralContainerDBError/)
})

test('with a database the study is served, and a browser goes through it', async () => {
  await type('heroku addons:create heroku-postgresql --wait')
  await eventually(async () => ((await platform.get(app)).status === 200 ? true : undefined))
  const address = `http://${app}.localhost:${platform.port}/`
  const page = await (await browser.newContext()).newPage()
  await page.goto(address)
  await page.click('#ad')
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#begin')])
  await popup.click('#agree')
  await readAndAnswer(popup)
  await popup.click('#next')
  await popup.waitForURL(/\/complete/)

  assert.match((await popup.textContent('main')) ?? '', /Stroop effect/)
})

test('a local psiturk with the same DATABASE_URL downloads the data', async () => {
  await type('echo "DATABASE_URL=$(heroku config:get DATABASE_URL)" > .env')

  await type('psiturk download_datafiles')

  const trials = (await readFile(join(folder, 'trialdata.csv'), 'utf8')).split('\r\n')
  assert.equal(trials.length, 17)
  assert.match(trials[5] ?? '', /^debug\w{6}:debug\w{6},5,\d{13},"\{""phase"": ""TEST"", /)
  assert.match(await readFile(join(folder, 'questiondata.csv'), 'utf8'), /,engagement,5\r\n/)
})

test('single settings are overridden from outside, and SQL reaches the table', async () => {
  await type('heroku config:set PSITURK_THREADS=1 PSITURK_EXPERIMENT_CODE_VERSION=2.0')
  await eventually(async () => ((await platform.get(app)).status === 200 ? true : undefined))

  const counted = await type(
    `psql "$(heroku config:get DATABASE_URL)" -Atc 'select count(*), max(status) from assignments'`,
  )

  assert.equal(counted.trim(), '1|3')
})
