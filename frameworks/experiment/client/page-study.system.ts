import { createTestDatabase } from '@hokku/postgres/testing'
import { portOf } from '@hokku/kit/port-of'
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { readStudy } from '../configuration/config.ts'
import { startStudy } from '../serve/start.ts'
import { listSaves, readSave } from '../store/saves.ts'
import { openBrowser } from './testing.ts'

/** Studies that are a single page, dropped in as they were made. */
const require = createRequire(import.meta.url)
const browserBuild = (name: string): string =>
  readFileSync(join(dirname(require.resolve(name)), 'index.browser.js'), 'utf8')

let browser: Browser
before(async () => {
  browser = await openBrowser()
})
after(() => browser.close())

async function serve(files: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'hokku-page-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  const database = await createTestDatabase()
  const env = { HOME: directory, PSITURK_LOGFILE: '/dev/null', DATABASE_URL: database.url }
  const running = await startStudy(readStudy(directory, env))
  await running.app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: `http://127.0.0.1:${portOf(running.app.server)}`,
    server: running.server,
    rows: async (sql: string) =>
      (await running.server.pool.query<Record<string, unknown>>(sql)).rows,
    close: async () => {
      await running.stop()
      await database.drop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const JSPSYCH = `<!doctype html><html><head>
  <script src="lib/jspsych.js"></script><script src="lib/plugin.js"></script>
</head><body></body><script>
  var seen = []
  const jsPsych = initJsPsych({ on_data_update: (data) => seen.push(data.trial_index) })
  jsPsych.run([
    { type: jsPsychHtmlKeyboardResponse, stimulus: 'Press f', choices: ['f'] },
    { type: jsPsychHtmlKeyboardResponse, stimulus: 'Press j', choices: ['j'], data: { kind: 'é' } },
  ])
</script></html>`

test('a jsPsych page saves each trial and finishes, without a line for it', async () => {
  const study = await serve({
    'index.html': JSPSYCH,
    'lib/jspsych.js': browserBuild('jspsych'),
    'lib/plugin.js': browserBuild('@jspsych/plugin-html-keyboard-response'),
    '.env': 'SECRET=1',
    'custom.txt': 'fine',
    'notes.log': 'inside',
  })
  const page = await (await browser.newContext()).newPage()
  const sizes: number[] = []
  page.on('request', (request) => {
    if (request.url().includes('/append/')) sizes.push(request.postData()?.length ?? 0)
  })
  try {
    await page.goto(`${study.url}/?survey_code=42`)
    await page.waitForSelector('text=Press f')
    await page.keyboard.press('f')
    await page.waitForSelector('text=Press j')
    await page.keyboard.press('j')
    await page.waitForURL(/\/complete\?/)

    assert.match(await page.content(), /completion code: <code>[0-9A-F]{10}</)
    const [row] = await study.rows(
      `select a.status, a.mode, a.datastring::json as document, p.parameters ->> 'survey_code' as code
       from assignments a join experiment_parameters p using (uniqueid)`,
    )
    const document = row?.['document'] as {
      data: { current_trial: number; trialdata: { response: string; kind?: string } }[]
      currenttrial: number
    }
    assert.deepEqual([row?.['status'], row?.['mode'], row?.['code']], [3, 'link', '42'])
    assert.deepEqual(
      document.data.map(({ current_trial: n, trialdata }) => [
        n,
        trialdata.response,
        trialdata.kind,
      ]),
      [
        [0, 'f', undefined],
        [1, 'j', 'é'],
      ],
    )
    assert.ok(sizes.length >= 2, 'each trial travels once')
    for (const path of ['/.env', '/notes.log', '/config.txt'])
      // oxlint-disable-next-line no-await-in-loop
      assert.equal((await fetch(study.url + path)).status, 404, path)
    assert.equal((await fetch(`${study.url}/custom.txt`)).status, 404)
    assert.equal((await fetch(`${study.url}/lib/plugin.js`)).status, 200)
  } finally {
    await page.context().close()
    await study.close()
  }
})

const OWN = `<!doctype html><html><body><script type="module">
  import study, { append } from '/static/js/study.mjs'
  window.own = study
  await append({ n: 1.50 })
  window.first = true
</script></body></html>`

test('append, save and finish arrive once and in order, also over a line that breaks', async () => {
  const study = await serve({ 'index.html': OWN })
  const page = await (await browser.newContext()).newPage()
  try {
    await page.goto(`${study.url}/`)
    await page.waitForFunction('window.first')
    // The server stores the message, and its answer is lost.
    let lost = 0
    await page.route('**/append/**', async (route) => {
      if (lost > 0) return route.continue()
      lost += 1
      await route.fetch()
      return route.abort()
    })
    await page.evaluate(`(async () => {
      own.append([{ n: 2 }, 'text'])
      own.save({ age: 30, name: 'a' })
      own.save({ age: 31 })
      await own.append({ n: 3 })
    })()`)
    const [row] = await study.rows('select uniqueid, datastring::json as document from assignments')
    const document = row?.['document'] as {
      data: { current_trial: number; trialdata: unknown }[]
      questiondata: unknown
    }
    await page.evaluate('own.finish()')
    await page.waitForURL(/\/complete\?/)

    assert.equal(lost, 1)
    assert.deepEqual(
      document.data.map((trial) => [trial.current_trial, trial.trialdata]),
      [
        [0, { n: 1.5 }],
        [1, { n: 2 }],
        [2, 'text'],
        [3, { n: 3 }],
      ],
    )
    assert.deepEqual(document.questiondata, { age: 31, name: 'a' })
    // Each save can be read as it was.
    const { pool, tables } = study.server
    const uniqueId = String(row?.['uniqueid'])
    const saves = await listSaves(pool, tables, uniqueId)
    const second = await readSave(pool, tables, uniqueId, saves.at(-1)?.version ?? 0)
    assert.deepEqual(JSON.parse(second ?? '{}').questiondata, { age: 31, name: 'a' })
  } finally {
    await page.context().close()
    await study.close()
  }
})

test('many messages at once for one participant are all kept', async () => {
  const study = await serve({ 'index.html': OWN })
  try {
    await fetch(`${study.url}/?hitId=H&assignmentId=A&workerId=W&mode=link`)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        fetch(`${study.url}/append/W%3AA?part=p${n % 3}-${n}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ trials: [{ dateTime: 1, trialdata: n }] }),
        }),
      ),
    )

    assert.deepEqual([...new Set(answers.map((one) => one.status))], [200])
    const [row] = await study.rows(`select datastring::json -> 'data' as data from assignments`)
    const data = (row?.['data'] ?? []) as { trialdata: number }[]
    const kept = data.map((one) => one.trialdata)
    assert.deepEqual(
      kept.toSorted((a, b) => a - b),
      Array.from({ length: 12 }, (_, n) => n),
    )
  } finally {
    await study.close()
  }
})
