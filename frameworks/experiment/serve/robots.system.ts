import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { rowsOf } from '../data/data-files.ts'
import { exportParticipants } from '../data/export.ts'
import { listParticipants } from '../store/participants.ts'
import { openTestStudy } from './testing.ts'

const ROBOTS = 100
const CONDITIONS = 4
const TRIALS = 8

let study: Awaited<ReturnType<typeof openTestStudy>>
let base: string

before(async () => {
  study = await openTestStudy({ config: `[Task Parameters]\nnum_conds = ${CONDITIONS}\n` })
  base = await study.app.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  await study.app.close()
  await study.close()
})

/** What one robot did, and what must be found of it. */
type Trace = { uniqueId: string; status: number; trials: number }

/** A participant with a random fate: may reload, send twice, drop out, quit, finish, submit. */
async function live(number: number): Promise<Trace> {
  const ids = { workerId: `R${number}`, assignmentId: `A${number}`, hitId: 'H', mode: 'live' }
  const uniqueId = `R${number}:A${number}`
  const trace: Trace = { uniqueId, status: 1, trials: 0 }
  const query = new URLSearchParams(ids).toString()
  const get = (path: string) => fetch(`${base}${path}`).then((answer) => answer.text())
  const post = (path: string) =>
    fetch(`${base}${path}`, { method: 'POST', body: new URLSearchParams({ uniqueId }) }).then(
      (answer) => answer.text(),
    )
  const twice = async (act: () => Promise<unknown>): Promise<void> => {
    await (randomInt(3) === 0 ? Promise.all([act(), act()]) : act())
  }
  const isHit = (share: number): boolean => randomInt(100) < share

  await get(`/ad?${query}`)
  await twice(() => get(`/exp?${query}`))
  if (isHit(30)) await get(`/exp?${query}`)
  if (isHit(10)) return trace
  await twice(() => post('/inexp'))
  trace.status = 2
  const page = `p${number}`
  for (let trial = 1; trial <= TRIALS; trial += 1) {
    if (isHit(3)) return trace
    // oxlint-disable-next-line no-await-in-loop -- one participant does one thing after the other
    await twice(() => save(uniqueId, trial, page))
    // A save from before that was on its way for long.
    // oxlint-disable-next-line no-await-in-loop
    if (trial > 2 && isHit(20)) await save(uniqueId, trial - 2, page)
    trace.trials = trial
  }
  if (isHit(15)) {
    await twice(() => post('/quitter'))
    trace.status = 6
    if (isHit(50)) return trace
  }
  await twice(() => get(`/complete?uniqueId=${uniqueId}&mode=live`))
  trace.status = 3
  // The browser goes back in its history, and a retry arrives late.
  if (isHit(20)) await post('/inexp')
  if (isHit(20)) await post('/quitter')
  if (isHit(80)) {
    await twice(() => get(`/worker_submitted?uniqueId=${uniqueId}`))
    trace.status = 4
  }
  if (isHit(20)) await get(`/complete?uniqueId=${uniqueId}&mode=live`)
  return trace
}

async function save(uniqueId: string, trials: number, page: string): Promise<void> {
  const data = Array.from({ length: trials }, (_, i) => ({
    uniqueid: uniqueId,
    current_trial: i,
    dateTime: i,
    trialdata: { n: i },
  }))
  const answer = await fetch(`${base}/sync/${encodeURIComponent(uniqueId)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-psiturk-save': `${page}-${trials}` },
    body: JSON.stringify({ currenttrial: trials, data, questiondata: {}, eventdata: [] }),
  })
  assert.equal(answer.status, 200)
}

test('a hundred robots that reload, repeat, drop out and quit: statuses, balance and files are right', async () => {
  const traces = await Promise.all(Array.from({ length: ROBOTS }, (_, i) => live(i)))

  const { pool, tables } = study.server
  const participants = await listParticipants(pool, tables)
  const found = new Map(participants.map((one) => [one.uniqueid, one]))
  assert.equal(participants.length, ROBOTS)
  for (const { uniqueId, status } of traces)
    assert.equal(found.get(uniqueId)?.status, status, uniqueId)
  const cells = Map.groupBy(participants, (one) => one.cond)
  const sizes = [...cells.values()].map((members) => members.length)
  assert.equal(sizes.length, CONDITIONS)
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.join(' '))
  const rows = new Map<string, string>()
  for await (const one of exportParticipants(pool, tables))
    rows.set(one.uniqueid, rowsOf(one)['trialdata.csv'].text)
  for (const { uniqueId, trials } of traces) {
    const expected = Array.from(
      { length: trials },
      (_, i) => `${uniqueId},${i},${i},"{""n"": ${i}}"\r\n`,
    ).join('')
    assert.equal(rows.get(uniqueId), expected)
  }
})
