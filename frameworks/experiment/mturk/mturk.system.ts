import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runProgram } from '@hokku/kit/command-line'
import { portOf } from '@hokku/kit/port-of'
import type { Browser } from 'playwright-core'
import { psiturk } from '../cli/program.ts'
import type { Session } from '../cli/session.ts'
import { readAndAnswer } from '../client/stroop-participant.ts'
import { serveExample } from '../client/testing.ts'
import { openBrowser } from '../client/testing.ts'
import { readStudy } from '../configuration/config.ts'
import { findParticipant } from '../store/participants.ts'
import { Market } from './stand-in/market.ts'
import { createStandIn } from './stand-in/server.ts'

const market = new Market()
const standIn = createStandIn(market)
let site: string
let example: Awaited<ReturnType<typeof serveExample>>
let session: Session
let printed: string[] = []
let browser: Browser | undefined

/** Operations whose next answer gets lost on its way. */
const losing = new Set<string>()
const loseAnswersOf = (operation: string): void => void losing.add(operation)

before(async () => {
  standIn.addHook('onSend', (request, reply, payload, done) => {
    const [, operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.')
    if (losing.delete(operation)) request.raw.socket.destroy()
    done(null, payload)
  })
  await standIn.listen({ host: '127.0.0.1', port: 0 })
  site = `http://127.0.0.1:${portOf(standIn.server)}`
  const aws = {
    PSITURK_MTURK_ENDPOINT: site,
    PSITURK_MTURK_WORKER_SITE: site,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  }
  example = await serveExample({ env: aws })
  const study = readStudy(example.directory, {
    ...example.env,
    PSITURK_AD_URL: `${example.url}/pub`,
  })
  session = {
    study,
    mode: 'sandbox',
    isQuiet: true,
    print: (text) => printed.push(text),
    ask: () => Promise.reject(new Error('nothing is asked')),
    reload: () => study,
  }
})
after(async () => {
  await browser?.close()
  await example.close()
  await standIn.close()
})

/** Runs a command and answers with what it printed. */
async function run(...words: string[]): Promise<string> {
  printed = []
  const program = { ...psiturk, report: rethrow }
  const nothing = () => Promise.reject(new Error('no shell here'))
  const host = { session: () => session, run: nothing, complete: nothing }
  await runProgram(program, words, host)
  return printed.join('\n')
}

/** Failures reach the test instead of standard error. */
const rethrow = ({ error }: { error: unknown }): never => {
  throw error
}

const status = async (uniqueId: string) => {
  const { pool, tables } = example.running.server
  return (await findParticipant(pool, tables, uniqueId))?.status
}

test('a HIT lives from creation to deletion, with a worker in a real browser', async () => {
  const created = await run(
    'hit',
    'create',
    '2',
    '0.50',
    '1',
    '--require-qualification-id',
    'QA',
    '--require-qualification-id',
    'QB',
    '--block-qualification-id',
    'QC',
  )
  const hitId = /HITid: (\w+)/.exec(created)?.[1] ?? ''
  assert.match(
    created,
    /^\*{29}\n {2}Created sandbox HIT\n {4}HITid: 3H\w{28}\n {4}Max workers: 2\n {4}Reward: \$0\.50\n {4}Duration: 1\.0 hours\n {4}Fee: \$0\.20\n.*\n {4}Total: \$1\.20\n {2}Ad URL: /,
  )
  const quals = market.hit(hitId).type.QualificationRequirements ?? []
  assert.deepEqual(
    quals.map((one) => one['QualificationTypeId']),
    ['000000000000000000L0', '00000000000000000040', '00000000000000000071', 'QA', 'QB', 'QC'],
  )

  browser = await openBrowser()
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${site}/projects/${hitId}/tasks?workerId=WORKER1`)
  assert.match(
    (await page.frameLocator('iframe').locator('main').textContent()) ?? '',
    /You are looking at a preview/,
  )
  await page.click('button')
  const frame = page.frameLocator('iframe')
  const [popup] = await Promise.all([page.waitForEvent('popup'), frame.locator('#begin').click()])
  await popup.click('#agree')
  await readAndAnswer(popup)
  await popup.click('#next')
  // The window of the study closes, and the page in the frame shows the button to submit.
  await frame.locator('#submit button').click()
  await frame.locator('text=The HIT has been submitted').waitFor()

  const assignmentId = market.hit(hitId).assignments[0]?.id ?? ''
  const uniqueId = `WORKER1:${assignmentId}`
  assert.equal(await status(uniqueId), 4)
  assert.match(
    await run('hit', 'list'),
    /Status: Assignable[\s\S]*max:2\/pending:0\/complete:0\/remain:1/,
  )
  assert.match(
    await run('worker', 'list', '--submitted'),
    new RegExp(`"assignmentid": "${assignmentId}"`),
  )
  assert.match(
    await run('worker', 'approve', '--all'),
    new RegExp(`Response\\(Operation: approve ${assignmentId} \\| Status: success\\)`),
  )
  assert.equal(await status(uniqueId), 5)
  assert.match(await run('worker', 'bonus', '--auto', '--all'), /Status: success/)
  assert.deepEqual(
    market.payments.map(({ workerId, amount }) => [workerId, amount]),
    [['WORKER1', '0.18']],
  )
  assert.equal(await status(uniqueId), 7)
  assert.match(
    await run('worker', 'bonus', '--auto', assignmentId),
    /bonus was paid before; skipped/,
  )
  assert.match(await run('hit', 'extend', hitId, '--assignments', '3'), /Status: success/)
  assert.equal(market.hit(hitId).max, 5)
  assert.match(await run('hit', 'expire', hitId), /Status: success/)
  assert.match(await run('hit', 'list', '--active'), /no hits retrieved/)
  assert.match(await run('hit', 'delete', '--all'), /Status: success/)
  assert.match(await run('hit', 'list'), /no hits retrieved/)
})

test('rejecting concerns only what was named, and can be taken back', async () => {
  const hits = [await newHit(), await newHit()]
  const assignments = hits.map((hit, i) => market.accept(hit, `R${i}`))
  for (const one of assignments) await takePart(one.workerId, one.id, one.hitId)

  const rejected = await run('worker', 'reject', '--hit', hits[0] ?? '')

  assert.equal(rejected.split('\n').length, 1)
  assert.deepEqual(
    assignments.map((one) => one.status),
    ['Rejected', 'Submitted'],
  )
  assert.match(
    await run('worker', 'unreject', '--hit', hits[0] ?? ''),
    /Operation: unreject \w+ \| Status: success/,
  )
  assert.equal(await status(`R0:${assignments[0]?.id}`), 5)
})

test('with two participants on one assignment, the one who submitted is credited', async () => {
  const hitId = await newHit()
  const assignment = market.accept(hitId, 'REAL')
  await takePart('LOST', assignment.id, hitId, false)
  await takePart('REAL', assignment.id, hitId)

  await run('worker', 'approve', assignment.id)

  assert.equal(await status(`REAL:${assignment.id}`), 5)
  assert.equal(await status(`LOST:${assignment.id}`), 4)
})

test('a bonus whose answer was lost is not paid twice', async () => {
  const hitId = await newHit()
  const assignment = market.accept(hitId, 'B1')
  await takePart('B1', assignment.id, hitId)
  await run('worker', 'approve', assignment.id)
  const { pool, tables } = example.running.server
  await run('worker', 'bonus', '--amount', '0.25', assignment.id)
  // As after a crash between the payment and its note.
  await pool.query('update experiment_payments set paid_at = null where uniqueid = $1', [
    `B1:${assignment.id}`,
  ])
  await pool.query(`update ${tables.assignments} set status = 5 where uniqueid = $1`, [
    `B1:${assignment.id}`,
  ])

  const again = await run('worker', 'bonus', '--amount', '0.25', assignment.id)

  assert.match(again, /Status: success/)
  assert.equal(market.payments.filter((one) => one.workerId === 'B1').length, 1)
  assert.equal(await status(`B1:${assignment.id}`), 7)
})

test('a HIT whose answer was lost is created once and belongs to the study', async () => {
  const before = market.hits.size
  loseAnswersOf('CreateHITWithHITType')

  const hitId = await newHit()

  assert.equal(market.hits.size, before + 1)
  assert.ok(market.hits.has(hitId))
  assert.match(await run('hit', 'list'), new RegExp(hitId))
})

test('places are added once and an approval is given once, even if answers are lost', async () => {
  const hitId = await newHit()
  const assignment = market.accept(hitId, 'LOSTANSWER')
  await takePart('LOSTANSWER', assignment.id, hitId)
  loseAnswersOf('CreateAdditionalAssignmentsForHIT')
  loseAnswersOf('ApproveAssignment')

  const extended = await run('hit', 'extend', hitId, '--assignments', '2')
  const approved = await run('worker', 'approve', assignment.id)

  assert.match(extended, /Status: success/)
  assert.equal(market.hit(hitId).max, 5)
  assert.match(approved, /Status: success/)
  assert.equal(await status(`LOSTANSWER:${assignment.id}`), 5)
})

test('workers of other studies are paid by --all-studies only', async () => {
  const typeId = market.createType({
    Title: 'another study',
    Description: 'd',
    Reward: '0.10',
    AssignmentDurationInSeconds: 600,
  })
  const question = '<ExternalQuestion></ExternalQuestion>'
  const hit = market.createHit({ typeId, question, lifetimeSeconds: 3600, max: 3 })
  const assignment = market.accept(hit.id, 'FOREIGN')
  market.submit(assignment.id, '{}')
  market.approve(assignment.id, false)
  const words = ['worker', 'bonus', '--amount', '0.30', '--reason', 'thanks', '--hit', hit.id]

  assert.match(await run(...words), /no workers match your request/)
  assert.match(await run(...words, '--all-studies'), /Status: success/)

  const paid = market.payments.filter((one) => one.workerId === 'FOREIGN')
  assert.deepEqual(
    paid.map(({ assignmentId, amount, reason }) => [assignmentId, amount, reason]),
    [[assignment.id, '0.30', 'thanks']],
  )
})

test('a slip in a command changes nothing', async () => {
  const slips = [
    ['hit', 'delete', '--all', 'H1'],
    ['hit', 'expire', '--all', 'H1'],
    ['hit', 'list', 'H1'],
    ['hit', 'create', '1', '0.10', '1', '5'],
    ['worker', 'approve', '--all', 'A1'],
    ['worker', 'bonus', '--auto', '--amount', '1.00', '--all'],
    ['worker', 'bonus', '--auto', '--all', '--all-studies'],
    ['worker', 'reject', '--all'],
    ['worker', 'list', '--submitted', '--approved'],
    ['worker', 'approve', '--all', '--all-studies'],
  ]

  for (const words of slips) await assert.rejects(run(...words), { code: 'misuse' })
})

test('qualifications list shows the account’s own types that are active', async () => {
  const type = { Description: 'speaks it', QualificationTypeStatus: 'Active' as const }
  market.qualifications.push(
    { ...type, QualificationTypeId: 'Q1', Name: 'French' },
    { ...type, QualificationTypeId: 'Q2', Name: 'Latin', QualificationTypeStatus: 'Inactive' },
  )

  const listed = await run('qualifications', 'list')

  assert.equal(listed, 'Name: French\nDescription: speaks it\nQualificationTypeId: Q1\n')
})

test('what a worker may not do is shown by a page of the marketplace', async () => {
  const hitId = await newHit()
  const accept = () =>
    fetch(`${site}/accept`, {
      method: 'POST',
      body: new URLSearchParams({ hitId, workerId: 'TWICE' }),
    })
  await accept()

  const again = await accept()

  assert.equal(again.status, 409)
  assert.match(await again.text(), /<h1>Not possible<\/h1><p>This worker has an assignment/)
})

test('what is wrong about a HIT is said before anything is created', async () => {
  const before = market.hits.size

  await assert.rejects(
    run('hit', 'create', '2', '1', '1'),
    /reward must have format \[dollars\]\.\[cents\]/,
  )
  await assert.rejects(run('hit', 'create', '0', '1.00', '1'), { code: 'misuse' })
  await assert.rejects(run('hit', 'frobnicate'), { code: 'misuse' })
  assert.match(
    await run('worker', 'approve', 'NOSUCH'),
    /Status: failure \| Exception: Mechanical Turk knows no submitted assignment NOSUCH/,
  )
  const { study } = session
  const { hit } = study.settings
  const settings = { ...study.settings, hit: { ...hit, description: '' } }
  session.study = { ...study, settings }
  await assert
    .rejects(
      run('hit', 'create', '1', '0.10', '1'),
      /description in \[HIT Configuration\] is empty/,
    )
    .finally(() => (session.study = study))
  assert.equal(market.hits.size, before)
})

test('the balance is printed as a number', async () => {
  assert.match(await run('amt_balance'), /^\d+\.\d\d$/)
  assert.match(await run('status'), /AMT worker site - sandbox: \d+ HITs available/)
  assert.match(await run('migrate', 'db'), /^Added 0 HIT ids/)
})

async function newHit(): Promise<string> {
  return /HITid: (\w+)/.exec(await run('hit', 'create', '3', '0.10', '1'))?.[1] ?? ''
}

/** A participation without a browser. */
async function takePart(
  worker: string,
  assignmentId: string,
  hitId: string,
  submits = true,
): Promise<void> {
  const ids = new URLSearchParams({
    workerId: worker,
    assignmentId,
    hitId,
    mode: 'sandbox',
  }).toString()
  await fetch(`${example.url}/exp?${ids}`)
  const uniqueId = `${worker}:${assignmentId}`
  await fetch(`${example.url}/complete?uniqueId=${uniqueId}&mode=sandbox`)
  await fetch(`${example.url}/worker_submitted?uniqueId=${uniqueId}`)
  if (submits) market.submit(assignmentId, '{}')
}
