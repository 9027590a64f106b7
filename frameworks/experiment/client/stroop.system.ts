import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { downloadDatafiles } from '../cli/commands/download-datafiles.ts'
import { listParticipants, readDocument } from '../store/participants.ts'
import { readAndAnswer } from './stroop-participant.ts'
import { openBrowser, serveExample } from './testing.ts'

let browser: Browser
let example: Awaited<ReturnType<typeof serveExample>>

before(async () => {
  browser = await openBrowser()
  example = await serveExample()
})
after(async () => {
  await browser.close()
  await example.close()
})

async function takePart(page: Page): Promise<void> {
  await readAndAnswer(page)
  await page.selectOption('#engagement', '4')
  await page.selectOption('#difficulty', '2')
}

test('a participant goes through the example, from the ad to the debriefing', async () => {
  const page = await (await browser.newContext()).newPage()
  await page.goto(example.url)
  await page.click('#ad')
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#begin')])
  await popup.click('#agree')
  await takePart(popup)
  await popup.click('#next')
  await popup.waitForURL(/\/complete\?uniqueId=debug.*&mode=debug/)
  const debriefing = await popup.textContent('main')

  const { pool, tables } = example.running.server
  const [participant] = await listParticipants(pool, tables)
  assert.match(debriefing ?? '', /Stroop effect/)
  assert.equal(participant?.status, 3)
  assert.ok(Math.abs(participant.bonus - 0.18) < 1e-9)
  assert.equal(participant.browser, 'chrome')
  const document = JSON.parse((await readDocument(pool, tables, participant.uniqueid)) ?? '') as {
    currenttrial: number
    data: { trialdata: Record<string, unknown> }[]
    eventdata: { eventtype: string }[]
    status: string
  }
  assert.equal(document.currenttrial, 16)
  assert.deepEqual(
    document.data.map(({ trialdata }) => trialdata['action'] ?? trialdata['phase']),
    [
      'Begin',
      'NextPage',
      'NextPage',
      'NextPage',
      'FinishInstructions',
      ...Array.from({ length: 9 }, () => 'TEST'),
      'postquestionnaire',
      'postquestionnaire',
    ],
  )
  assert.deepEqual(
    document.eventdata.slice(0, 2).map((event) => event.eventtype),
    ['initialized', 'window_resize'],
  )
  assert.equal(document.status, 'user data saved')
})

test('the three data files hold what the participant did', async () => {
  const printed: string[] = []
  await downloadDatafiles({
    study: example.study,
    mode: 'sandbox',
    isQuiet: true,
    print: (text) => printed.push(text),
    ask: () => Promise.reject(new Error('nothing is asked')),
    reload: () => example.study,
  })

  const file = (name: string): string => readFileSync(join(example.directory, name), 'utf8')
  const trials = file('trialdata.csv').split('\r\n')
  assert.equal(trials.length, 17)
  assert.match(
    trials[5] ?? '',
    /^debug\w{6}:debug\w{6},5,\d{13},"\{""phase"": ""TEST"", ""word"": ""[A-Z]+"", ""color"": ""(red|green|blue)"", ""relation"": ""\w+"", ""response"": ""\w+"", ""hit"": true, ""rt"": \d+\}"$/,
  )
  assert.match(file('questiondata.csv'), /^(\S+),engagement,4\r\n\1,difficulty,2\r\n$/)
  assert.match(
    file('eventdata.csv'),
    /^\S+,initialized,0,,\d{13}\r\n\S+,window_resize,\d+,"\[\d+, \d+\]",\d{13}\r\n/,
  )
  assert.deepEqual(printed, [])
})

test('a worker who closes the window in the middle is marked, and may not start again', async () => {
  const page = await (await browser.newContext()).newPage()
  page.on('dialog', (dialog) => void dialog.accept())
  await page.goto(`${example.url}/exp?hitId=H&assignmentId=A1&workerId=Quitter&mode=live`)
  for (let i = 0; i < 4; i += 1) await page.click('.continue')
  await page.keyboard.press('r')
  await page.waitForFunction('psiTurk.getTrialData().length === 6')
  await page.close({ runBeforeUnload: true })

  const { pool, tables } = example.running.server
  const quitter = async () => (await listParticipants(pool, tables, { assignmentIds: ['A1'] }))[0]
  for (let i = 0; i < 50 && (await quitter())?.status !== 6; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
  const document = JSON.parse((await readDocument(pool, tables, 'Quitter:A1')) ?? '{}') as {
    currenttrial: number
  }
  const again = await (
    await fetch(`${example.url}/exp?hitId=H&assignmentId=A1&workerId=Quitter&mode=live`)
  ).text()
  assert.equal((await quitter())?.status, 6)
  assert.equal(document.currenttrial, 6)
  assert.match(again, /<b>Error<\/b>: 1008/)
})

test('saves reach the server over a line that fails, the newest last', async () => {
  const page = await (await browser.newContext()).newPage()
  let failures = 0
  await page.route('**/sync/**', (route) => {
    if (route.request().method() === 'GET' || failures >= 6) return route.continue()
    failures += 1
    return failures % 2 === 0
      ? route.abort('connectionreset')
      : route.fulfill({ status: 503, body: 'no' })
  })
  await page.goto(`${example.url}/exp?hitId=debugH&assignmentId=A2&workerId=debugFlaky&mode=debug`)
  await takePart(page)
  await page.click('#next')
  await page.waitForURL(/\/complete/, { timeout: 60_000 })

  const { pool, tables } = example.running.server
  const document = JSON.parse((await readDocument(pool, tables, 'debugFlaky:A2')) ?? '{}') as {
    currenttrial: number
    questiondata: object
  }
  assert.equal(failures, 6)
  assert.equal(document.currenttrial, 16)
  assert.deepEqual(document.questiondata, { engagement: '4', difficulty: '2' })
})
