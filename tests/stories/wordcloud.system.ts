import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'
import { checkOutExample, eventually, startPlatform, type TestPlatform } from './platform.ts'

/** Uploads, object storage, a queue and workers: the tutorial's last stage, with official CLI and browser. */
const CHROMIUM = '/usr/bin/chromium'
const isPossible = existsSync(CHROMIUM) && existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')
const options = { skip: !isPossible && 'needs chromium and rabbitmq-server' }

let platform: TestPlatform
let folder: string
let browser: Browser

before(async () => {
  if (!isPossible) return
  platform = await startPlatform()
  folder = await checkOutExample(platform, 'wordcloud')
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
})

after(async () => {
  await browser?.close()
  await platform?.stop()
})

const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })
const address = (path = '/'): string => `http://words.localhost:${platform.port}${path}`

const TEXT = 'Cloud cloud cloud rain rain sun </script> well-known 東京 '.repeat(50)

async function upload(page: Page, name: string, text: string): Promise<void> {
  await page.goto(address())
  await page.getByLabel('Name of the document').fill(name)
  await page
    .getByLabel('Text file')
    .setInputFiles({ name: 'text.txt', mimeType: 'text/plain', buffer: Buffer.from(text) })
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.waitForURL(/\/wordcloud\//, { timeout: 60_000 })
}

type Description = {
  status: string
  error: string | null
  attempt: number
  counts: Record<string, number> | null
}

/** What the API says of a document, by the address of its page. */
async function finished(id: string, timeoutMs = 120_000): Promise<Description> {
  return await eventually(async () => {
    const { status, text } = await platform.get('words', `/api/documents/${id}`)
    const found = status === 200 ? (JSON.parse(text) as Description) : undefined
    return found?.status === 'done' || found?.status === 'failed' ? found : undefined
  }, timeoutMs)
}

async function post(name: string, file: string): Promise<string> {
  const answer = await type(
    `curl -s -H 'Accept: application/json' -H 'Host: words.localhost:${platform.port}' ` +
      `-F document-name='${name}' -F input-file=@${file} http://127.0.0.1:${platform.port}/`,
  )
  return (JSON.parse(answer) as { id: string }).id
}

const pidOf = async (name: string): Promise<number> => {
  const mark = await readFile(join(platform.home, 'run', `${name}.json`), 'utf8')
  return (JSON.parse(mark) as { pid: number }).pid
}

/** The worker of this platform; seen from inside its sandbox its number is another one. */
async function workerPid(): Promise<number> {
  const line = `pgrep -f '^node worker.ts' | while read p; do tr '\\0' '\\n' < /proc/$p/environ | grep -q "^HOKKU_DOMAIN=localhost:${platform.port}$" && echo $p; done`
  return await eventually(async () => {
    const { stdout } = await platform.attempt(line)
    const pid = Number(stdout.trim().split('\n')[0])
    return pid > 0 ? pid : undefined
  })
}

test('three add-ons are made, each with its config vars', options, async () => {
  await type('heroku create words')
  await type('heroku addons:create heroku-postgresql --wait')
  await type('heroku addons:create bucketeer:micro --wait')
  await type('heroku addons:create cloudamqp --wait')

  const config = await type('heroku config')
  for (const name of [
    'DATABASE_URL',
    'BUCKETEER_BUCKET_NAME',
    'BUCKETEER_ENDPOINT',
    'CLOUDAMQP_URL',
  ]) {
    assert.match(config, new RegExp(`${name}:`))
  }
  assert.match(
    await type('heroku config:get CLOUDAMQP_URL'),
    /^amqp:\/\/\w+:\w+@127\.0\.0\.1:\d+\/\w+/,
  )
})

test('the app is pushed, its tables are made, a worker is started', options, async () => {
  const printed = await type('git push heroku main')
  assert.match(printed, /Tables are there\./)
  await type('heroku ps:scale worker=1')

  await eventually(
    async () => ((await platform.get('words')).status === 200 ? true : undefined),
    60_000,
  )
  const tested = await eventually(async () => {
    const answer = await platform.get('words', '/test_connection')
    return answer.status === 200 ? answer.text : undefined
  })
  assert.deepEqual((JSON.parse(tested) as { checks: object }).checks, {
    database: 'ok',
    storage: 'ok',
    broker: 'ok',
  })
})

test(
  'a browser uploads to the bucket itself, hears the end, and draws every word',
  options,
  async () => {
    const page = await browser.newPage()
    const errors: Error[] = []
    page.on('pageerror', (error) => errors.push(error))
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(new URL(request.url()).host)
    })

    await upload(page, 'Weather <b>', TEXT)
    await page.locator('#cloud svg text').first().waitFor({ timeout: 60_000 })

    const words = await page.locator('#cloud svg text').allTextContents()
    assert.deepEqual(
      words.map((word) => word.replace(/: \d+$/, '')).toSorted(),
      [
        'cloudcloud',
        'rainrain',
        'scriptscript',
        'sunsun',
        'well-knownwell-known',
        '東京東京',
      ].toSorted(),
    )
    const cells = await page.locator('#counts tbody tr').first().locator('td').allTextContents()
    assert.deepEqual(cells, ['cloud', '150'])
    assert.ok(
      posts.some((host) => host.startsWith('127.0.0.1:')),
      'the file went to the bucket',
    )
    assert.deepEqual(errors, [])
    await page.close()
  },
)

test('with events the page learns the end by itself, without them it asks', options, async () => {
  for (const blocked of [false, true]) {
    await type('heroku ps:scale worker=0')
    const page = await browser.newPage()
    if (blocked) await page.route('**/events', (route) => route.abort())
    await upload(page, `Waiting ${blocked ? 'asks' : 'hears'}`, TEXT)
    await page.getByText('Waiting for a worker.').waitFor()

    await type('heroku ps:scale worker=1')

    await page.locator('#cloud svg text').first().waitFor({ timeout: 90_000 })
    const by = await page.locator('#document').getAttribute('data-by')
    assert.equal(by, blocked ? 'polling' : 'events')
    await page.close()
  }
})

test('an unknown document is a picture of the error, with 404', options, async () => {
  const page = await browser.newPage()

  const answer = await page.goto(address('/wordcloud/never-seen'))

  assert.equal(answer?.status(), 404)
  await page.locator('#cloud svg text').first().waitFor()
  assert.match((await page.locator('#cloud').textContent()) ?? '', /nosuch/)
  await page.close()
})

test(
  'worker, broker and storage are killed in mid-job: every document is counted, once',
  options,
  async () => {
    const file = join(platform.folder, 'large.txt')
    const line = 'alpha beta beta gamma gamma gamma\n'
    await writeFile(file, line.repeat(600_000))
    const ids: string[] = []

    for (const victim of ['worker', 'rabbitmq', 'object-storage'] as const) {
      ids.push(await post(`Killed ${victim}`, file))
      if (victim === 'worker') process.kill(await workerPid(), 'SIGKILL')
      else process.kill(await pidOf(victim), 'SIGKILL')
      ids.push(
        await eventually(
          async () => await post(`After ${victim}`, file).catch(() => undefined),
          60_000,
        ),
      )
    }

    for (const id of ids) {
      const { status, counts, error } = await finished(id)
      assert.equal(status, 'done', error ?? '')
      assert.deepEqual(counts, { gamma: 1_800_000, beta: 1_200_000, alpha: 600_000 })
    }
  },
)

test('a binary file and an empty one end with their reasons', options, async () => {
  const binary = join(platform.folder, 'binary.txt')
  const empty = join(platform.folder, 'empty.txt')
  await writeFile(binary, Buffer.from([1, 0, 2, 3]))
  await writeFile(empty, '')

  const [first, second] = [
    await finished(await post('Binary', binary)),
    await finished(await post('Empty', empty)),
  ]

  assert.equal(first.status, 'failed')
  assert.match(first.error ?? '', /NUL bytes/)
  assert.deepEqual([second.status, second.counts], ['done', {}])
})
