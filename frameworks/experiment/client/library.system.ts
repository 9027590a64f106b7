import * as acorn from 'acorn'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { findParticipant, readDocument } from '../store/participants.ts'
import { hasTwoPages, listSaves, readSave } from '../store/saves.ts'
import { openBrowser, serveExample } from './testing.ts'

const require = createRequire(import.meta.url)
const library = (path: string): string => readFileSync(require.resolve(path), 'utf8')

/** A page as version 2 experiments wrote it: old libraries, no `new`, no mode, pages used at once. */
const OLD_PAGE = `<html><head>
  <script src="/static/old/jquery.js"></script>
  <script src="/static/old/underscore.js"></script>
  <script src="/static/old/backbone.js"></script>
  <script>var uniqueId = "{{ uniqueId }}", adServerLoc = "{{ adServerLoc }}"</script>
  <script src="/static/js/psiturk.js"></script>
</head><body><script>
  var psiturk = PsiTurk(uniqueId, adServerLoc)
  var conditionAtOnce = psiturk.taskdata.get('workerId')
  psiturk.preloadPages(['one.html'])
  psiturk.showPage('one.html')
</script></body></html>`

let browser: Browser
let example: Awaited<ReturnType<typeof serveExample>>

before(async () => {
  browser = await openBrowser()
  example = await serveExample({
    files: {
      'templates/old.html': OLD_PAGE,
      'templates/one.html': '<p id="one">one</p><script>window.ran = true</script>',
      'templates/a.html':
        '<div class="instructionsnav"><i class="previous">p</i><i class="continue">c</i></div>a',
      'templates/b.html':
        '<div class="instructionsnav"><i class="previous">p</i><i class="continue">c</i></div>b',
      'templates/late.html': `<div class="instructionsnav"><i id="read" onclick="$(this).after('<b class=continue>go</b>')">read</i></div>`,
      'static/old/jquery.js': library('jquery-1/dist/jquery.js'),
      'static/old/underscore.js': library('underscore-1/underscore.js'),
      'static/old/backbone.js': library('backbone-1/backbone.js'),
      'custom.ts': `import { defineStudy } from '@hokku/experiment'
        export default defineStudy({ routes: { 'GET /old': ({ query, render }) =>
          render('old.html', { uniqueId: query['uniqueId'], adServerLoc: '/complete' }) } })`,
      'config.txt': '[Task Parameters]\nbrowser_exclude_rule =\nrequire_token = false\n',
    },
  })
})
after(async () => {
  await browser.close()
  await example.close()
})

/** A participant who has just been admitted, on the old page. */
async function openOldPage(worker: string): Promise<Page> {
  await fetch(`${example.url}/exp?hitId=H&assignmentId=A&workerId=${worker}&mode=live`)
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${example.url}/old?uniqueId=${worker}%3AA`)
  return page
}

const stored = async (worker: string) => {
  const { pool, tables } = example.running.server
  const participant = await findParticipant(pool, tables, `${worker}:A`)
  const document: unknown = JSON.parse((await readDocument(pool, tables, `${worker}:A`)) ?? '{}')
  return { status: participant?.status, document: document as Record<string, unknown> }
}

/** Waits until something is so, at most five seconds. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 50 && !(await isSo()); i += 1) await sleep(100)
}

test('the library is ES5, which every browser of the old experiments understands', () => {
  const source = readFileSync(join(import.meta.dirname, 'psiturk.js'), 'utf8')

  assert.doesNotThrow(() => acorn.parse(source, { ecmaVersion: 5 }))
})

test('with jQuery 1.11, Backbone 1.0, without new and without mode, a page works at once', async () => {
  const page = await openOldPage('W1')

  assert.equal(await page.evaluate('conditionAtOnce'), 'W1')
  assert.equal(await page.textContent('#one'), 'one')
  assert.equal(await page.evaluate('window.ran'), true)
  assert.equal(await page.evaluate('psiturk.taskdata.mode'), 'live')
  await assert.rejects(
    page.evaluate("psiturk.getPage('none.html')"),
    /Attemping to load page before preloading: none\.html/,
  )
})

test('methods work when they are handed on without their object', async () => {
  const page = await openOldPage('W2')
  await page.evaluate(`
    var record = psiturk.recordTrialData, note = psiturk.recordUnstructuredData, save = psiturk.saveData
    var live = psiturk.getTrialData()
    record({ a: 1 }); record('text'); note('q', null); note('q', [1])
    new Promise(function (resolve, reject) { save({ success: resolve, error: reject }) })`)
  await page.evaluate('(0, psiturk.completeHIT)()')
  await page.waitForURL(/complete\?uniqueId=W2(%3A|:)A&mode=live/)

  const { status, document } = await stored('W2')
  const trials = document['data'] as {
    uniqueid: string
    current_trial: number
    trialdata: unknown
  }[]
  assert.equal(status, 3)
  assert.deepEqual(
    trials.map((trial) => [trial.uniqueid, trial.current_trial, trial.trialdata]),
    [
      ['W2:A', 0, { a: 1 }],
      ['W2:A', 1, 'text'],
    ],
  )
  assert.deepEqual(document['questiondata'], { q: [1] })
  assert.deepEqual(
    ['assignmentId', 'workerId', 'hitId', 'id', 'mode', 'currenttrial', 'condition'].map(
      (name) => document[name],
    ),
    ['A', 'W2', 'H', 'W2:A', 'live', 2, 0],
  )
})

test('instructions go back and forth, are recorded, and start the task at their end', async () => {
  const page = await openOldPage('W3')
  await page.evaluate(`psiturk.preloadPages(['a.html', 'b.html'])
    psiturk.doInstructions(['a.html', 'b.html'], function () { window.finished = true })`)
  await page.click('.previous')
  await page.click('.continue')
  const indicator = await page.evaluate('psiturk.getInstructionIndicator()')
  await page.click('.previous')
  await page.click('.continue')
  await page.click('.continue')
  await page.waitForFunction('window.finished')
  await until(async () => (await stored('W3')).status === 2)

  assert.deepEqual(indicator, {
    currently_viewing: { indexOf: 1, template: 'b.html' },
    instruction_deck: { total_pages: 2, templates: ['a.html', 'b.html'] },
  })
  const { status, document } = await stored('W3')
  assert.equal(status, 2)
  const actions = (document['data'] as { trialdata: { action: string } }[]).map(
    (trial) => trial.trialdata.action,
  )
  assert.deepEqual(actions, ['Begin', 'NextPage', 'PrevPage', 'NextPage', 'FinishInstructions'])
})

test('a button that a page brings in later continues as well', async () => {
  const page = await openOldPage('W9')
  await page.evaluate(`psiturk.preloadPages(['late.html', 'b.html'])
    psiturk.doInstructions(['late.html', 'b.html'], function () {})`)
  await page.click('#read')
  await page.click('.continue')

  assert.match((await page.textContent('body')) ?? '', /b$/)
})

test('focus and size are notifications and events, and the end takes all warnings away', async () => {
  const page = await openOldPage('W10')
  const heard = await page.evaluate(`var heard = []
    Backbone.Notifications.on('_psiturk_lostfocus', function () { heard.push('lost') })
    Backbone.Notifications.on('_psiturk_gainedfocus', function () { heard.push('gained') })
    $(window).triggerHandler('blur'); $(window).triggerHandler('focus')
    $(window).on('beforeunload', function () { return 'stay' })
    psiturk.startTask()
    psiturk.teardownTask()
    heard`)
  await page.setViewportSize({ width: 700, height: 500 })
  await page.waitForFunction('psiturk.getEventData().slice(-1)[0].value[0] === 700')
  const events = await page.evaluate(
    'psiturk.getEventData().slice(2).map(function (e) { return [e.eventtype, e.value] })',
  )
  const warnings = await page.evaluate(`var event = $.Event('beforeunload')
    $(window).triggerHandler(event) === undefined`)

  assert.deepEqual((heard as string[]).slice(0, 2), ['lost', 'gained'])
  const [off, on] = events as unknown[]
  assert.deepEqual(
    [off, on, (events as unknown[]).at(-1)],
    [
      ['focus', 'off'],
      ['focus', 'on'],
      ['window_resize', [700, 500]],
    ],
  )
  assert.equal(warnings, true)
})

test('Backbone itself works on the data: save, get, set, and callbacks of both', async () => {
  const page = await openOldPage('W4')
  await page.evaluate(`new Promise(function (resolve, reject) {
    psiturk.taskdata.set('bonus', 1.5)
    psiturk.taskdata.save({ condition: 7 }, { success: resolve, error: reject }) })`)
  const promised = await page.evaluate(`new Promise(function (resolve) {
    psiturk.taskdata.save().done(function (answer) { resolve(answer) }) })`)

  const { document } = await stored('W4')
  assert.equal(document['bonus'], 1.5)
  assert.equal(document['condition'], 7)
  assert.deepEqual(promised, { status: 'user data saved' })
  assert.equal(await page.evaluate("psiturk.taskdata.get('status')"), 'user data saved')
})

test('a reload before the start brings back what was saved, without the fresh events', async () => {
  const page = await openOldPage('W5')
  await page.evaluate(`psiturk.recordTrialData({ n: 1 })
    new Promise(function (resolve) { psiturk.saveData({ success: resolve }) })`)
  const events = await page.evaluate('psiturk.getEventData().length')
  await page.reload()

  assert.equal(await page.evaluate('psiturk.getTrialData().length'), 1)
  assert.equal(await page.evaluate("psiturk.taskdata.get('currenttrial')"), 1)
  assert.equal(await page.evaluate('psiturk.getEventData().length'), events)
})

test('what a page could not get acknowledged is there after a reload', async () => {
  const page = await openOldPage('W6')
  await page.route('**/sync/**', (route) =>
    route.request().method() === 'GET' ? route.continue() : route.abort(),
  )
  await page.evaluate('psiturk.recordTrialData({ n: 1 }); psiturk.saveData()')
  await page.unroute('**/sync/**')
  await page.reload()
  await until(async () => (await stored('W6')).document['currenttrial'] === 1)

  const { document } = await stored('W6')
  assert.equal(document['currenttrial'], 1)
})

test('answers without a new trial are brought back by a reload, too', async () => {
  const page = await openOldPage('W8')
  await page.evaluate(`psiturk.recordTrialData(1)
    new Promise(function (resolve) { psiturk.saveData({ success: resolve }) })`)
  await page.route('**/sync/**', (route) =>
    route.request().method() === 'GET' ? route.continue() : route.abort(),
  )
  await page.evaluate("psiturk.recordUnstructuredData('age', '33'); psiturk.saveData()")
  await page.unroute('**/sync/**')
  await page.reload()
  const age = async () =>
    ((await stored('W8')).document['questiondata'] as Record<string, unknown> | undefined)?.['age']
  await until(async () => (await age()) === '33')

  assert.equal(await age(), '33')
})

test('many saves at once end with the newest document, and every caller hears of it', async () => {
  const page = await openOldPage('W7')
  const heard = await page.evaluate(`new Promise(function (resolve) {
    var heard = 0
    for (var i = 0; i < 40; i++) {
      psiturk.recordTrialData(i)
      psiturk.saveData({ success: function () { if (++heard === 40) resolve(heard) } })
    } })`)

  const { document } = await stored('W7')
  assert.equal(heard, 40)
  assert.equal(document['currenttrial'], 40)
})

/** Ids that HTML, scripts and addresses read differently, each in its own way. */
const ODD_IDS = [
  `o'brien@uni.edu`,
  'a"b',
  'a&b&amp;c',
  '<b>x</b>',
  'back\\nslash',
  'a+b c%20d#e?f',
  '</script>',
  'é😀',
]

test('participants with odd ids are saved, from the ad to the end', async () => {
  for (const id of ODD_IDS) {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${example.url}/join?id=${encodeURIComponent(id)}&survey_code=a'b%26c`)
    const consent = /window\.open\('([^']+)'|href="(\/consent[^"]+)"/.exec(await page.content())
    await page.goto(
      `${example.url}/consent?${new URL((consent?.[1] ?? consent?.[2] ?? '').replaceAll('&amp;', '&'), example.url).searchParams.toString()}`,
    )
    const exp = /\/exp\?[^"']+/.exec(await page.content())?.[0] ?? ''
    await page.goto(`${example.url}${exp.replaceAll('&amp;', '&')}`)
    await page.waitForFunction('window.psiTurk || window.psiturk || typeof PsiTurk !== "undefined"')
    const found = await page.evaluate(`(function () {
      var own = new PsiTurk(uniqueId, adServerLoc, mode)
      own.recordTrialData({ odd: true })
      return new Promise(function (resolve) {
        own.saveData({ success: function () { resolve(own.taskdata.id) }, error: function (r) { resolve('refused ' + r.status) } })
      })
    })()`)
    const { rows } = await example.running.server.pool.query<{ workerid: string; code: string }>(
      `select workerid, p.parameters ->> 'survey_code' as code from assignments a
         join experiment_parameters p on p.uniqueid = a.uniqueid
       where a.workerid = $1 and a.datastring like '%"odd": true%'`,
      [id],
    )

    assert.deepEqual(rows, [{ workerid: id, code: `a'b&c` }], id)
    assert.equal(String(found).startsWith(`${id}:`), true, `${id}: ${String(found)}`)
    await page.context().close()
  }
})

test('without arguments the library takes what the page has as variables', async () => {
  const page = await openOldPage('W11')
  const id = await page.evaluate(`(function () {
    var own = PsiTurk(); own.recordTrialData(1)
    return new Promise(function (resolve) { own.saveData({ success: function () { resolve(own.taskdata.id) } }) })
  })()`)

  assert.equal(id, 'W11:A')
  assert.equal((await stored('W11')).document['currenttrial'], 1)
})

test('a participant who cannot be loaded reads so, and the log has it', async () => {
  const page = await (await browser.newContext()).newPage()
  const reported = page.waitForResponse('**/psiturk_problem')
  await page.goto(`${example.url}/old?uniqueId=nobody%3AA`)
  await reported

  assert.match((await page.textContent('#psiturk-alert')) ?? '', /cannot be saved/)
  await page.evaluate("psiturk.showPage('one.html')")
  assert.equal(await page.isVisible('#psiturk-alert'), true)
})

test('two pages that save in turns are seen, and the document of each is kept', async () => {
  const first = await openOldPage('W12')
  const second = await first.context().newPage()
  await second.goto(first.url())
  const save = (page: Page, trial: string) =>
    page.evaluate(`psiturk.recordTrialData('${trial}')
      new Promise(function (resolve) { psiturk.saveData({ success: resolve }) })`)
  await save(first, 'a1')
  await save(second, 'b1')
  const { pool, tables } = example.running.server
  assert.equal(await hasTwoPages(pool, tables, 'W12:A'), false)
  await save(first, 'a2')

  assert.equal(await hasTwoPages(pool, tables, 'W12:A'), true)
  const saves = await listSaves(pool, tables, 'W12:A')
  assert.equal(new Set(saves.map((one) => one.page)).size, 2)
  assert.match((await readSave(pool, tables, 'W12:A', saves[1]?.version ?? 0)) ?? '', /b1/)
})

test('a blocked library is loaded from its second address; without both the page says so', async () => {
  const page = await (await browser.newContext()).newPage()
  const exp = `${example.url}/exp?hitId=H&assignmentId=A&workerId=W13&mode=live`
  await page.route('**/psiturk.js', (route) => route.abort())
  await page.goto(exp)
  await page.waitForFunction('typeof PsiTurk !== "undefined"')

  assert.match(page.url(), /library=2/)
  await page.route('**/study-page.js', (route) => route.abort())
  await page.goto(exp)
  await page.waitForSelector('[role=alert]')
  assert.match((await page.textContent('[role=alert]')) ?? '', /blocks a part of it/)
})
