import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { payBonus } from '../mturk/operations.ts'
import { bonusMark, markBonusUnderWay } from '../store/bonus-marks.ts'
import { findParticipant } from '../store/participants.ts'
import { marketOf } from './market-of.ts'
import { openDashboard, type DashboardTrial } from './testing.ts'

let board: DashboardTrial

before(async () => {
  board = await openDashboard()
})
after(() => board?.close())

test('submissions are approved and bonused over the API', async () => {
  const { uniqueId } = await board.submit('API1')

  const approved = (await (
    await board.ask('POST', '/api/assignments/action/approve_all', {})
  ).json()) as { status: string }[]
  const refused = await board.ask('POST', '/api/assignments/action/bonus_all', { reason: ' ' })
  const paid = await board.ask('POST', '/api/assignments/action/bonus_all', { reason: 'well done' })

  assert.ok(approved.length > 0 && approved.every((one) => one.status === 'success'))
  assert.equal(refused.status, 400)
  assert.equal(((await refused.json()) as { exception: string }).exception, 'ValueError')
  assert.equal(paid.status, 201)
  assert.equal(await board.status(uniqueId), 7)
  assert.ok(
    board.market.payments.some(
      (payment) => payment.workerId === 'API1' && payment.amount === '0.24',
    ),
  )
})

test('a bonus that something speaks against waits for a person who names the amount', async () => {
  const { uniqueId } = await board.submit('MARK1')
  const { server } = board
  await markBonusUnderWay(server.pool, server.tables, uniqueId, 'custom.py did not finish')
  await board.ask('POST', '/api/assignments/action/approve_all', {})

  const answer = await board.ask('POST', '/api/assignments/action/bonus_all', { reason: 'thanks' })
  const outcomes = (await answer.json()) as { exception?: string; data: { uniqueId: string } }[]

  assert.match(
    outcomes.find((one) => one.data.uniqueId === uniqueId)?.exception ?? '',
    /was not paid: custom\.py did not finish\. Look at the participant, then .*--amount X/,
  )
  assert.equal(await board.status(uniqueId), 5)
  const page = await board.ask('GET', `/dashboard/participants/${encodeURIComponent(uniqueId)}`)
  assert.match(await page.text(), /The bonus waits for you: custom\.py did not finish/)
  const participant = await findParticipant(server.pool, server.tables, uniqueId)
  assert.ok(participant)
  const market = await marketOf(server, 'sandbox')
  const paid = await payBonus(market, participant, { amount: 0.1, reason: 'seen', again: false })
  assert.equal(paid.isSuccess, true, paid.exception)
  assert.equal(await bonusMark(server.pool, server.tables, uniqueId), undefined)
})

test('a participant is anonymized and deleted over the API', async () => {
  const { uniqueId } = await board.submit('GONE1')
  const url = `/api/participants/${encodeURIComponent(uniqueId)}`

  const renamed = (await (await board.ask('POST', `${url}/anonymize`, {})).json()) as {
    uniqueid: string
  }
  const again = await board.ask('DELETE', url)
  const gone = await board.ask('DELETE', `/api/participants/${renamed.uniqueid}`)

  assert.equal(await board.status(uniqueId), undefined)
  assert.equal(again.status, 404)
  assert.equal(gone.status, 204)
  assert.equal(await board.status(renamed.uniqueid), undefined)
})

test('HITs are listed, expired and deleted over the API', async () => {
  const { hitId } = await board.submit('HIT1')

  const list = (await (await board.ask('GET', '/api/hits/')).json()) as {
    options: Record<string, unknown>
  }[]
  const expired = await board.ask('PATCH', `/api/hit/${hitId}`, { is_expired: true })
  await board.ask('PATCH', `/api/hit/${hitId}`, { action: 'approve_all' })
  const deleted = await board.ask('DELETE', `/api/hit/${hitId}`)

  const own = list.find((hit) => hit.options['hitid'] === hitId)?.options
  assert.equal(own?.['number_submissions_needing_action'], 1)
  assert.match(String(own['creation_time']), /GMT$/)
  assert.equal(expired.status, 201)
  assert.equal(deleted.status, 204)
  assert.equal((await board.ask('DELETE', `/api/hit/${hitId}`)).status, 400)
})

test('a long action runs in the background and reports how far it is', async () => {
  const { uniqueId } = await board.submit('JOB1')

  const state = await board.runJob('approve_all')

  assert.equal(state.done, state.total)
  assert.equal(await board.status(uniqueId), 5)
})

test('HITs are expired and deleted in the background, what waits for a judgement stays', async () => {
  const open = await board.newHit()
  const { hitId } = await board.submit('JOB2')

  await board.runJob('expire_hits')
  await board.runJob('delete_hits')

  assert.equal(board.market.hits.has(open), false)
  assert.ok(board.market.hits.has(hitId))
  assert.ok(board.market.hit(hitId).expiresAt.getTime() < Date.now())
})

test('what cannot be done is refused with a class and a sentence', async () => {
  const refusals: [string, string, object | undefined, RegExp][] = [
    ['POST', '/api/assignments/action/bonus_all', { reason: ' ' }, /A bonus needs a reason/],
    ['POST', '/api/jobs', { name: 'nonsense' }, /name/],
    ['POST', '/api/tasks', { name: 'approve_all', interval: -1 }, /interval/],
    ['POST', '/api/campaigns', { goal: 0 }, /goal/],
    ['PATCH', '/api/hit/NOSUCH', { is_expired: true }, /NOSUCH/],
    ['PATCH', '/api/hit/NOSUCH', {}, /is_expired/],
    ['DELETE', '/api/hit/NOSUCH', undefined, /NOSUCH/],
  ]
  for (const [method, path, body, message] of refusals) {
    const answer = await board.ask(method, path, body)
    const failure = (await answer.json()) as { exception: string; message: string }
    assert.equal(answer.status, 400, path)
    assert.match(failure.message, message)
    assert.ok(failure.exception)
  }
  assert.equal((await board.ask('GET', '/api/campaigns/99999999999')).status, 404)
})

test('participants are listed with all columns but the document, times as HTTP dates', async () => {
  const { uniqueId } = await board.submit('LIST1')

  const all = (await (await board.ask('GET', '/api/assignments')).json()) as Record<
    string,
    unknown
  >[]

  const own = all.find((one) => one['uniqueid'] === uniqueId)
  assert.deepEqual(Object.keys(own ?? {}), COLUMNS)
  for (const name of ['beginhit', 'endhit'])
    assert.ok(Math.abs(Date.parse(String(own?.[name])) - Date.now()) < 60_000, name)
  assert.match(String(own?.['beginhit']), /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/)
  assert.equal(own?.['beginexp'], null)
})

test('a campaign posts HITs of at most nine until its goal, one at a time', async () => {
  await board.ask('GET', '/api/hits/action/expire_all')
  const plan = {
    goal: 60,
    hit_reward: 0.5,
    hit_duration_hours: 1,
    assignments_per_round: 20,
    minutes_between_rounds: 30,
  }
  const before = board.market.hits.size

  const created = await board.ask('POST', '/api/campaigns', plan)
  const second = await board.ask('POST', '/api/campaigns', plan)
  for (let i = 0; i < 100 && board.market.hits.size < before + 3; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))

  const { id } = (await created.json()) as { id: number }
  assert.equal(created.status, 201)
  assert.equal(second.status, 400)
  assert.deepEqual(
    [...board.market.hits.values()].slice(before).map((hit) => hit.max),
    [9, 9, 2],
  )
  assert.equal((await board.ask('PATCH', `/api/campaigns/${id}`, { goal: 1 })).status, 400)
  const ended = (await (
    await board.ask('PATCH', `/api/campaigns/${id}`, { is_active: false })
  ).json()) as { is_active: boolean }
  assert.equal(ended.is_active, false)
  assert.deepEqual(await (await board.ask('GET', '/api/tasks')).json(), [])
})

test('the task of approving everything runs at once and exists once', async () => {
  const { uniqueId } = await board.submit('TASK1')

  const created = await board.ask('POST', '/api/tasks', { name: 'approve_all', interval: 0.1 })
  const second = await board.ask('POST', '/api/tasks', { name: 'approve_all', interval: 1 })
  for (let i = 0; i < 100 && (await board.status(uniqueId)) !== 5; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 100))

  const task = (await created.json()) as { id: string; interval_minutes: number }
  assert.equal(task.interval_minutes, 30)
  assert.equal(second.status, 400)
  assert.equal(await board.status(uniqueId), 5)
  assert.equal((await board.ask('DELETE', `/api/tasks/${task.id}`)).status, 204)
})

/** In the order of sorted keys, as the original's JSON has them. */
const COLUMNS = [
  'assignmentid',
  'beginexp',
  'beginhit',
  'bonus',
  'browser',
  'codeversion',
  'cond',
  'counterbalance',
  'endhit',
  'hitid',
  'ipaddress',
  'language',
  'mode',
  'platform',
  'status',
  'uniqueid',
  'workerid',
]
