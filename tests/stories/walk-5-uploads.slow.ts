import assert from 'node:assert/strict'
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join, normalize } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium, type Browser } from 'playwright-core'
import { makeBundle } from '../../examples/wordcloud-tutorial/make-bundle.ts'
import { checkOutExample, eventually, startPlatform, type TestPlatform } from './platform.ts'

/** Walk 5: the tutorial on uploads, storage, queue and workers, command by command, tag by tag. */
const CHROMIUM = '/usr/bin/chromium'
const isPossible = existsSync(CHROMIUM) && existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')
const options = { skip: !isPossible && 'needs chromium and rabbitmq-server' }

let platform: TestPlatform
let browser: Browser
let submodules: Server
let folder: string

before(async () => {
  if (!isPossible) return
  platform = await startPlatform()
  folder = join(platform.folder, 'heroku-tut')
  submodules = await serveFolder(join(platform.folder, 'origin'))
  makeBundle(join(platform.folder, 'origin'), addressOf(submodules))
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
})

after(async () => {
  await browser?.close()
  await platform?.stop()
  submodules?.close()
})

const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })
const visit = (path = '/') => platform.get('sprin-htut', path)
const address = (path = '/'): string => `http://sprin-htut.localhost:${platform.port}${path}`

/** The page once it shows what the new version shows. */
const shown = (path: string, pattern: RegExp): Promise<string> =>
  eventually(async () => {
    const { text } = await visit(path)
    return pattern.test(text) ? text : undefined
  }, 90_000)

/** The form of the start page, filled in and sent as a browser without script does. */
async function upload(name: string, text: string): Promise<string> {
  const page = await browser.newPage()
  await page.goto(address())
  await page.getByLabel('Name of the document').fill(name)
  const file = { name: 'poem.txt', mimeType: 'text/plain', buffer: Buffer.from(text) }
  await page.getByLabel('Text file').setInputFiles(file)
  await page.getByRole('button', { name: 'Upload' }).click()
  const banner = page.getByText('uploaded to S3 as')
  await banner.waitFor({ timeout: 30_000 })
  const markup = await banner.innerHTML()
  await page.close()
  return markup
}

async function wordsDrawnAt(path: string): Promise<string[]> {
  const page = await browser.newPage()
  await page.goto(address(path))
  await page.locator('#cloud svg text').first().waitFor({ timeout: 30_000 })
  const words = await page
    .locator('#cloud svg text')
    .evaluateAll((texts) => texts.map((text) => text.firstChild?.textContent ?? ''))
  await page.close()
  return words.toSorted((a, b) => a.localeCompare(b))
}

test('an app is made in the web page, and a tag pushed to it', options, async () => {
  await platform.sh('git clone origin/heroku-tut.bundle heroku-tut')
  await type('git fetch --tags')
  const page = await browser.newPage()
  await page.goto(`http://localhost:${platform.port}/`)
  await page.fill('#token', (await type('hokku token')).trim().split('\n').at(-1) ?? '')
  await page.click('button.main')
  await page.fill('[name=name]', 'sprin-htut')
  await page.click('text=Create app')
  const line = await page
    .getByText(/^git remote add heroku https/)
    .first()
    .textContent()
  await page.close()

  await type(line ?? '')
  const printed = await type('git push heroku 0.1.0-hello-world^{}:master')

  assert.match(printed, /deployed to Heroku/)
  await shown('/', /^Hello from (?!None)\S+!/)
})

test('the config var ME changes the greeting', options, async () => {
  await type('git checkout 0.1.0-hello-world')
  await type('heroku config:set ME=sprin')

  await shown('/', /^Hello from sprin!$/m)
})

test('files of the form lie in S3, where everyone can read them', options, async () => {
  await type('git checkout 0.2.0-s3-uploads')
  // Someone's account at a storage provider.
  await type('heroku create account')
  await type('heroku addons:create bucketeer -a account --wait')
  const account = async (name: string): Promise<string> =>
    (await type(`heroku config:get BUCKETEER_${name} -a account`)).trim()
  await type(`heroku config:set S3_LOCATION=${await account('ENDPOINT')}/ -a sprin-htut`)
  await type(`heroku config:set S3_KEY=${await account('AWS_ACCESS_KEY_ID')} -a sprin-htut`)
  await type(`heroku config:set S3_SECRET=${await account('AWS_SECRET_ACCESS_KEY')} -a sprin-htut`)
  await type(`heroku config:set S3_UPLOAD_DIRECTORY='files' -a sprin-htut`)
  await type(`heroku config:set S3_BUCKET='${await account('BUCKET_NAME')}' -a sprin-htut`)
  await type('heroku config:set FLASK_SECRET_KEY=complex-random -a sprin-htut')
  await type('git push heroku 0.2.0-s3-uploads^{}:master')
  await shown('/', /input-file/)

  const banner = await upload('My <poem>', 'rain rain sun')

  const [, link = ''] = /"My &lt;poem&gt;" uploaded to S3 as <a href="([^"]+)">/.exec(banner) ?? []
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]+\/files\/[0-9a-f]{32}\.txt$/)
  assert.equal(await (await fetch(link)).text(), 'rain rain sun')
})

test('a database is added in the old spelling, and promoted', options, async () => {
  const printed = await type('hokku addons:add heroku-postgresql:dev -a sprin-htut')
  const name = /HEROKU_POSTGRESQL_[A-Z]+_URL/.exec(
    printed + (await type('heroku config -a sprin-htut')),
  )?.[0]
  assert.ok(name, printed)

  await type(`heroku pg:promote ${name} -a sprin-htut`)

  const url = await type('heroku config:get DATABASE_URL -a sprin-htut')
  assert.equal(url, await type(`heroku config:get ${name} -a sprin-htut`))
})

test('the third tag brings its submodule; a one-off dyno makes the tables', options, async () => {
  await type('git checkout 0.3.0-postgres')
  const printed = await type('git push heroku 0.3.0-postgres^{}:master')
  assert.match(printed, /Fetching submodule static\/vendor\/d3-cloud \(http:/)
  assert.match(
    await type('heroku run npm run create-tables -a sprin-htut'),
    /file_upload_meta is there/,
  )
  await type('heroku restart web -a sprin-htut')

  const tested = await shown('/test_connection', /"result"/)

  const { result } = JSON.parse(tested) as { result: Record<string, unknown>[] }
  assert.equal(result.length, 1)
  const { time_uploaded: time, ...row } = result[0] ?? {}
  assert.match(String(time), / GMT$/)
  assert.deepEqual(row, {
    document_name: 'Fake Document',
    document_slug: 'fake_document',
    s3_key: 'files/does_not_exist.txt',
    filename: 'does_not_exist.txt',
    word_counts: {},
  })
})

test('the banner has a new link, to the picture of the words', options, async () => {
  const banner = await upload('My poem', 'Rain, rain and the sun: </script> http://x')

  assert.match(
    banner,
    /Check out your word cloud at <a href="http:\/\/sprin-htut\.[^"]+\/wordcloud\/my-poem">/,
  )
  assert.deepEqual(await wordsDrawnAt('/wordcloud/my-poem'), ['rain', 'script', 'sun'])
  const unknown = await visit('/wordcloud/nobody')
  assert.equal(unknown.status, 404)
  assert.deepEqual(await wordsDrawnAt('/wordcloud/nobody'), ['document', 'error', 'name', 'nosuch'])
})

test('with a queue, a worker counts while the logs are watched', options, async () => {
  await type('hokku addons:add cloudamqp -a sprin-htut')
  await type('heroku addons:wait -a sprin-htut')
  await type('git checkout 0.4.0-queuing')
  await type('git push heroku 0.4.0-queuing^{}:master')
  await type('heroku ps:scale worker=1 -a sprin-htut')
  const tail = platform.background('heroku logs --tail -a sprin-htut', { cwd: folder })
  const tested = await shown('/test_connection', /"result":\{/)
  const { result } = JSON.parse(tested) as { result: Record<string, unknown> }
  assert.deepEqual(Object.keys(result).toSorted(), [
    'document_name',
    'document_slug',
    'filename',
    's3_key',
    'time_uploaded',
  ])

  await upload('Queued poem', 'moon moon star')

  await tail.until(/app\[web\.1\]|heroku\[router\]/, 60_000)
  await tail.until(/app\[worker\.1\]: counted queued-poem/, 90_000)
  await tail.stop()
  assert.deepEqual(await wordsDrawnAt('/wordcloud/queued-poem'), ['moon', 'star'])
})

test('the exercise for the reader: the finished app on the same add-ons', options, async () => {
  const finished = await checkOutExample(platform, 'wordcloud')
  await platform.sh('git remote add heroku $(git -C ../heroku-tut remote get-url heroku)', {
    cwd: finished,
  })
  await platform.sh('git push --force heroku main:master', { cwd: finished })
  // The tutorial's queue has other settings: the app says so, and what to do.
  const { checks } = JSON.parse(await shown('/test_connection', /COUNT_QUEUE/)) as {
    checks: Record<string, string>
  }
  const command = /heroku config:set COUNT_QUEUE=\w+/.exec(checks['broker'] ?? '')?.[0] ?? ''
  await type(`${command} -a sprin-htut`)
  await shown('/test_connection', /"broker":"ok"/)

  const page = await browser.newPage()
  await page.goto(address())
  await page.getByLabel('Name of the document').fill('Last poem')
  const file = { name: 'poem.txt', mimeType: 'text/plain', buffer: Buffer.from('cloud cloud sky') }
  await page.getByLabel('Text file').setInputFiles(file)
  await page.getByRole('button', { name: 'Upload' }).click()

  await page.locator('#cloud svg text').first().waitFor({ timeout: 60_000 })
  assert.deepEqual(await wordsDrawnAt('/wordcloud/last-poem'), ['cloud', 'sky'])
  await page.close()
})

/** Any web server will do for a repository that is only read. */
async function serveFolder(root: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(join(root, (request.url ?? '/').split('?')[0] ?? '/'))
    createReadStream(path.startsWith(root) ? path : root)
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return server
}

function addressOf(server: Server): string {
  const listening = server.address()
  return `http://127.0.0.1:${typeof listening === 'object' ? listening?.port : ''}`
}
