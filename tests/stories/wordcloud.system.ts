import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import amqp from 'amqplib'
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

const postLine = (name: string, file: string): string =>
  `curl -s -H 'Accept: application/json' -H 'Host: words.localhost:${platform.port}' ` +
  `-F document-name='${name}' -F input-file=@${file} http://127.0.0.1:${platform.port}/`

async function post(name: string, file: string): Promise<string> {
  return (JSON.parse(await type(postLine(name, file))) as { id: string }).id
}

const pidOf = async (name: string): Promise<number> => {
  const mark = await readFile(join(platform.home, 'run', `${name}.json`), 'utf8')
  return (JSON.parse(mark) as { pid: number }).pid
}

/** The worker of this platform; seen from inside its sandbox its number is another one. */
async function workerPid(): Promise<number> {
  const line = `pgrep -f '^node .*worker.ts' | while read p; do tr '\\0' '\\n' < /proc/$p/environ | grep -q "^HOKKU_DOMAIN=localhost:${platform.port}$" && echo $p; done`
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

    const drawn = (): Promise<string[]> =>
      page.locator('#cloud svg text').evaluateAll((texts) => texts.map((text) => text.outerHTML))
    const words = await page
      .locator('#cloud svg text title')
      .evaluateAll((titles) => titles.map((title) => title.textContent ?? ''))
    assert.deepEqual(
      new Set(words),
      new Set(['cloud: 150', 'rain: 100', 'script: 50', 'sun: 50', 'well-known: 50', '東京: 50']),
    )
    assert.equal(words.length, 6)
    const first = await drawn()
    await page.reload()
    await page.locator('#cloud svg text').first().waitFor()
    assert.deepEqual(await drawn(), first, 'the same picture every time')
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

test(
  'with events the page learns the end by itself; where they are refused or held back it asks',
  options,
  async () => {
    for (const stream of ['open', 'refused', 'held'] as const) {
      await type('heroku ps:scale worker=0')
      const page = await browser.newPage()
      if (stream === 'refused') await page.route('**/events', (route) => route.abort())
      if (stream === 'held') await page.route('**/events', () => {})
      await upload(page, `Stream ${stream}`, TEXT)
      await page.getByText('Waiting for a worker.').waitFor()

      await type('heroku ps:scale worker=1')

      await page.locator('#cloud svg text').first().waitFor({ timeout: 90_000 })
      const by = await page.locator('#document').getAttribute('data-by')
      assert.equal(by, stream === 'open' ? 'events' : 'polling')
      await page.close()
    }
  },
)

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

test('RabbitMQ is restarted while jobs are published: no document is lost', options, async () => {
  const file = join(platform.folder, 'small.txt')
  await writeFile(file, 'alpha beta beta')
  const killed = sleep(1500).then(async () => process.kill(await pidOf('rabbitmq'), 'SIGKILL'))

  const ids = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      await sleep(i * 100)
      return await post(`Restart ${i}`, file)
    }),
  )
  await killed

  for (const id of ids) {
    const { status, counts, error } = await finished(id)
    assert.deepEqual([status, counts], ['done', { beta: 2, alpha: 1 }], error ?? '')
  }
})

test('poison messages go to the dead with their reason, and block nothing', options, async () => {
  const connection = await amqp.connect((await type('heroku config:get CLOUDAMQP_URL')).trim())
  const channel = await connection.createConfirmChannel()
  const before = (await channel.checkQueue('countwords.dead')).messageCount
  const poison = [
    '{',
    'null',
    '{"id": 7}',
    '\u0000',
    '{"id": "00000000-0000-0000-0000-000000000000"}',
  ]
  for (const text of poison) channel.sendToQueue('countwords', Buffer.from(text))
  await channel.waitForConfirms()

  const { status } = await finished(await post('After poison', join(platform.folder, 'small.txt')))

  assert.equal(status, 'done')
  // The last is a job of a document that is gone: nothing is owed for it.
  const after = (await channel.checkQueue('countwords.dead')).messageCount
  assert.equal(after - before, poison.length - 1)
  const dead = await channel.get('countwords.dead')
  assert.ok(dead !== false)
  assert.ok(dead.properties.headers?.['reason'])
  await connection.close()
})

test(
  'while the storage is down an upload is answered 503, and works again after',
  options,
  async () => {
    const file = join(platform.folder, 'small.txt')
    const storage = await pidOf('object-storage')
    // Held, not killed: hokku would start it again at once.
    process.kill(storage, 'SIGSTOP')
    const { stdout } = await platform
      .attempt(`${postLine('Held', file)} -w '%{http_code}' --max-time 60`, { cwd: folder })
      .finally(() => process.kill(storage, 'SIGCONT'))

    assert.match(stdout, /could not be stored.*503$/s)
    assert.equal((await finished(await post('Held again', file))).status, 'done')
  },
)

test(
  'a worker that is stopped in mid-job gives it back, and another one does it',
  options,
  async () => {
    const id = await post('Stopped', join(platform.folder, 'large.txt'))

    await type('heroku ps:restart worker')

    const { status, counts, attempt } = await finished(id)
    assert.deepEqual(
      [status, counts],
      ['done', { gamma: 1_800_000, beta: 1_200_000, alpha: 600_000 }],
    )
    assert.equal(attempt, 1)
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
