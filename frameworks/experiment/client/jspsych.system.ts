import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { findParticipant, readDocument } from '../store/participants.ts'
import { openBrowser, serveExample } from './testing.ts'

/** Experiments written with jsPsych, of both generations, that store their data by psiturk.js. */
let browser: Browser
let example: Awaited<ReturnType<typeof serveExample>>

const require = createRequire(import.meta.url)
const read = (path: string): string => readFileSync(path, 'utf8')
const library = (name: string): string => read(require.resolve(name))
/** The build for browsers, which packages keep beside the one for bundlers. */
const browserBuild = (entry: string): string => read(join(dirname(entry), 'index.browser.js'))

const page = (
  scripts: readonly string[],
  experiment: string,
): string => `<!doctype html><html><head>
  <script src="/static/old/jquery.js"></script>
  <script src="/static/old/underscore.js"></script>
  <script src="/static/old/backbone.js"></script>
  <script src="/static/js/psiturk.js"></script>
  ${scripts.map((name) => `<script src="/static/jspsych/${name}"></script>`).join('\n')}
</head><body></body><script>
  var psiturk = new PsiTurk("{{ uniqueId }}", "{{ adServerLoc }}", "{{ mode }}")
  var condition = psiturk.taskdata.get('condition')
  ${experiment}
</script></html>`

/** What jsPsych's own guide says: every trial recorded, and the HIT completed after the last save. */
const EXPERIMENT_6 = `
  jsPsych.data.addProperties({ condition: condition })
  jsPsych.init({
    timeline: [
      { type: 'html-keyboard-response', stimulus: 'Press f', choices: ['f'],
        on_finish: function () { psiturk.finishInstructions() } },
      { type: 'html-keyboard-response', stimulus: 'Press f or j', choices: ['f', 'j'] },
      { type: 'survey-text', questions: [{ prompt: 'Which?', name: 'Q0' }] }
    ],
    on_data_update: function (data) { psiturk.recordTrialData(data) },
    on_finish: function () {
      psiturk.recordUnstructuredData('jspid', 's1')
      psiturk.saveData({ success: function () { psiturk.completeHIT() }, error: function () { document.title = 'failed' } })
    }
  })`

const EXPERIMENT_7 = `
  var jsPsych = initJsPsych({
    on_data_update: function (data) { psiturk.recordTrialData(data); psiturk.saveData() },
    on_finish: function () { psiturk.saveData({ success: psiturk.completeHIT }) }
  })
  jsPsych.data.addProperties({ condition: condition })
  psiturk.finishInstructions()
  jsPsych.run([
    { type: jsPsychHtmlKeyboardResponse, stimulus: 'Press f', choices: ['f'] },
    { type: jsPsychHtmlKeyboardResponse, stimulus: 'Press j', choices: ['j'] }
  ])`

before(async () => {
  browser = await openBrowser()
  const six = dirname(require.resolve('jspsych-6/package.json'))
  example = await serveExample({
    files: {
      'static/old/jquery.js': library('jquery-1/dist/jquery.js'),
      'static/old/underscore.js': library('underscore-1/underscore.js'),
      'static/old/backbone.js': library('backbone-1/backbone.js'),
      'static/jspsych/six.js': read(`${six}/jspsych.js`),
      'static/jspsych/six-key.js': read(`${six}/plugins/jspsych-html-keyboard-response.js`),
      'static/jspsych/six-text.js': read(`${six}/plugins/jspsych-survey-text.js`),
      'static/jspsych/seven.js': browserBuild(require.resolve('jspsych')),
      'static/jspsych/seven-key.js': browserBuild(
        require.resolve('@jspsych/plugin-html-keyboard-response'),
      ),
      'templates/six.html': page(['six.js', 'six-key.js', 'six-text.js'], EXPERIMENT_6),
      'templates/seven.html': page(['seven.js', 'seven-key.js'], EXPERIMENT_7),
      'templates/exp.html':
        '{% if "six" in uniqueId %}{% include "six.html" %}{% else %}{% include "seven.html" %}{% endif %}',
      // New studies ask for the token, and pages of an older library must work.
      'config.txt': '[Task Parameters]\nbrowser_exclude_rule =\nrequire_token = true\n',
    },
  })
})
after(async () => {
  await browser?.close()
  await example?.close()
})

async function openExperiment(worker: string): Promise<{ page: Page; faults: string[] }> {
  const opened = await (await browser.newContext()).newPage()
  const faults: string[] = []
  opened.on('pageerror', (error) => faults.push(error.message))
  opened.on('dialog', (dialog) => void dialog.accept())
  await opened.goto(`${example.url}/exp?hitId=H&assignmentId=A&workerId=${worker}&mode=live`)
  return { page: opened, faults }
}

async function stored(worker: string) {
  const { pool, tables } = example.running.server
  const participant = await findParticipant(pool, tables, `${worker}:A`)
  const text = (await readDocument(pool, tables, `${worker}:A`)) ?? '{}'
  const document = JSON.parse(text) as {
    data: { trialdata: Record<string, unknown> }[]
    questiondata: object
  }
  return { status: participant?.status, document }
}

test('a jsPsych 6 experiment runs to its end and records every trial', async () => {
  const { page: opened, faults } = await openExperiment('six')
  await opened.waitForSelector('text=Press f')
  await opened.keyboard.press('f')
  await opened.waitForSelector('text=Press f or j')
  await opened.keyboard.press('j')
  await opened.fill('input[name="#jspsych-survey-text-response-0"]', 'a "quoted" é')
  await opened.click('#jspsych-survey-text-next')
  await opened.waitForURL(/complete\?uniqueId=six(%3A|:)A&mode=live/)

  const { status, document } = await stored('six')
  assert.deepEqual(faults, [])
  assert.equal(status, 3)
  assert.deepEqual(
    document.data.map(({ trialdata }) => [trialdata['trial_type'], trialdata['condition']]),
    [
      ['html-keyboard-response', 0],
      ['html-keyboard-response', 0],
      ['survey-text', 0],
    ],
  )
  assert.match(JSON.stringify(document.data[2]?.trialdata), /a \\+"quoted\\+" é/)
  assert.deepEqual(document.questiondata, { jspid: 's1' })
})

test('a jsPsych 7 experiment that saves after every trial runs to its end', async () => {
  const { page: opened, faults } = await openExperiment('seven')
  await opened.waitForSelector('text=Press f')
  await opened.keyboard.press('f')
  await opened.waitForSelector('text=Press j')
  await opened.keyboard.press('j')
  await opened.waitForURL(/complete\?uniqueId=seven(%3A|:)A&mode=live/)

  const { status, document } = await stored('seven')
  assert.deepEqual(faults, [])
  assert.equal(status, 3)
  assert.deepEqual(
    document.data.map(({ trialdata }) => trialdata['response']),
    ['f', 'j'],
  )
})
