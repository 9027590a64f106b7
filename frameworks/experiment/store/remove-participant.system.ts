import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ids, openTestStudy } from '../serve/testing.ts'
import { markBonusUnderWay } from './bonus-marks.ts'
import { beginJob, noteOutcome } from './jobs.ts'
import { beginPayment } from './payments.ts'
import { rememberParameters } from './parameters.ts'
import { anonymizeParticipant, deleteParticipant } from './remove-participant.ts'

let study: Awaited<ReturnType<typeof openTestStudy>>
before(async () => {
  study = await openTestStudy()
})
after(() => study.close())

/** Someone of whom everything is kept that can be. */
async function takePart(worker: string): Promise<string> {
  const { pool, tables } = study.server
  const id = `${worker}:A${worker}`
  await study.app.inject({ url: `/exp?${ids(worker)}&mode=live` })
  for (const n of [1, 2]) {
    // oxlint-disable-next-line no-await-in-loop
    await study.app.inject({
      method: 'PUT',
      url: `/sync/${encodeURIComponent(id)}`,
      payload: {
        id,
        workerId: worker,
        data: Array.from({ length: n }, () => ({ uniqueid: id, trialdata: `I am ${worker}` })),
        questiondata: { text: 'kept' },
      },
    })
  }
  await rememberParameters(pool, tables, id, { source: worker })
  await markBonusUnderWay(pool, tables, id, 'asked')
  await beginPayment(pool, tables, { uniqueId: id, amount: '1.00', reason: 'thanks' })
  await pool.query(
    `insert into experiment_links (study, worker, assignment) values ($1, $2, 'A')`,
    [tables.study, worker],
  )
  const job = await beginJob(pool, tables, 'approve all', 2)
  await noteOutcome(pool, job, { data: { assignmentId: `A${worker}` }, status: 'success' })
  await noteOutcome(pool, job, { data: { assignmentId: 'other' }, status: 'success' })
  return id
}

/** Tables in which a text stands, in any column of any row. */
async function placesOf(text: string): Promise<string[]> {
  const { pool } = study.server
  const { rows } = await pool.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  )
  const found = await Promise.all(
    rows.map(async ({ name }) => {
      const hits = await pool.query(`select 1 from ${name} as t where strpos(t::text, $1) > 0`, [
        text,
      ])
      return hits.rows.length > 0 ? [name] : []
    }),
  )
  return found.flat().toSorted()
}

test('of a deleted participant the database holds nothing', async () => {
  const id = await takePart('gone-person')
  const other = await takePart('other-person')
  assert.equal((await placesOf('gone-person')).length, 8)

  const { pool, tables } = study.server
  assert.equal(await deleteParticipant(pool, tables, id), true)

  assert.deepEqual(await placesOf('gone-person'), [])
  assert.equal((await placesOf('other-person')).length, 8)
  assert.equal(await deleteParticipant(pool, tables, id), false)
  const late = await study.app.inject({
    method: 'PUT',
    url: `/sync/${encodeURIComponent(id)}`,
    payload: { data: [] },
  })
  assert.match(late.body, /Unique user not found/)
  assert.deepEqual(await placesOf('gone-person'), [])
  assert.equal(
    (await study.app.inject({ url: `/sync/${encodeURIComponent(other)}` })).statusCode,
    200,
  )
})

test('of an anonymized participant the data stays, without the ids', async () => {
  const id = await takePart('named-person')
  const { pool, tables } = study.server

  const renamed = await anonymizeParticipant(pool, tables, id)

  assert.deepEqual(await placesOf('named-person'), [])
  const { rows } = await pool.query<{ ipaddress: unknown; document: Record<string, unknown> }>(
    'select ipaddress, datastring::json as document from assignments where uniqueid = $1',
    [renamed],
  )
  assert.equal(rows[0]?.ipaddress, null)
  assert.deepEqual(rows[0].document['questiondata'], { text: 'kept' })
  assert.equal(rows[0].document['id'], renamed)
  const paid = await pool.query('select amount from experiment_payments where uniqueid = $1', [
    renamed,
  ])
  assert.equal(paid.rows.length, 1)
})
