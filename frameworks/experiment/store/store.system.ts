import { openPool, type Pool } from '@hokku/postgres'
import { createTestDatabase, type TestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { canonicalDocument, documentText } from '../documents/canonical-document.ts'
import { createArrivals, type Admission, type Arrival } from './arrivals.ts'
import { textArray } from './binary-array.ts'
import { createLoads, findParticipant, readDocument } from './participants.ts'
import { createSaves, listSaves, readSave } from './saves.ts'
import { run, statement } from './statement.ts'
import { createSteps } from './steps.ts'
import { createTables, tablesOf, type Tables } from './tables.ts'

let database: TestDatabase
let pools: Pool[]
let tableNumber = 0

before(async () => {
  database = await createTestDatabase()
  const options = { max: 3, isPipelined: true }
  pools = [openPool(database.url, options), openPool(database.url, options)]
})
after(async () => {
  await Promise.all(pools.map((pool) => pool.end()))
  await database.drop()
})

const ARRIVAL: Arrival = {
  workerId: 'W',
  assignmentId: 'A',
  hitId: 'H',
  mode: 'live',
  ipAddress: '127.0.0.1',
  browser: 'chrome',
  platform: 'linux',
  language: 'en',
}

/** Its own study, served by two processes' worth of pools. */
async function newStudy(cells = { conditions: 3, counters: 1 }, allowRepeats = false) {
  const tables: Tables = tablesOf({
    table_name: `study "${(tableNumber += 1)}"`,
    hits_table_name: 'amt_hit',
    campaigns_table_name: 'campaign',
    database_url: '',
    assignments_table_name: '',
    jobs_table_name: '',
  })
  const [pool] = pools
  assert.ok(pool)
  await createTables(pool, tables)
  const rules = { allowRepeats, codeVersion: '1', cutoffMinutes: 30, cells: () => cells }
  const doors = pools.map((each) =>
    createArrivals(tables, rules, { pool: each, now: () => new Date(), random: randomInt }),
  )
  const arrive = (
    workerId: string,
    assignmentId = `A${workerId}`,
    hitId = 'H',
  ): Promise<Admission> => {
    const door = doors[randomInt(doors.length)]
    assert.ok(door)
    return door.add({ ...ARRIVAL, workerId, assignmentId, hitId })
  }
  return { tables, pool, arrive }
}

test('arrivals at full parallelism in two processes fill all cells evenly', async () => {
  const { tables, pool, arrive } = await newStudy({ conditions: 3, counters: 2 })

  await Promise.all(Array.from({ length: 601 }, (_, i) => arrive(`W${i}`)))

  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from ${tables.assignments} group by cond, counterbalance`,
  )
  const counts = rows.map((row) => row.n)
  assert.equal(
    counts.reduce((a, b) => a + b),
    601,
  )
  assert.equal(counts.length, 6)
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join(' '))
})

test('a place that someone gave up is noticed at the next count, arrivals at once', async () => {
  const { tables, pool } = await newStudy()
  let time = Date.now()
  const cells = { conditions: 2, counters: 1 }
  const rules = { allowRepeats: false, codeVersion: '1', cutoffMinutes: 30, cells: () => cells }
  const effects = { pool, now: () => new Date(time), random: randomInt }
  const door = createArrivals(tables, rules, effects)
  const arrive = async (workerId: string): Promise<number> => {
    const admission = await door.add({ ...ARRIVAL, workerId })
    assert.equal(admission.kind, 'admitted')
    return admission.row.condition
  }

  const pair = [await arrive('1'), await arrive('2')]
  const gone = pair[0] ?? 0
  await pool.query(`update ${tables.assignments} set beginhit = '2000-01-01' where cond = $1`, [
    gone,
  ])
  time += 1001
  const third = await arrive('3')

  assert.deepEqual(new Set(pair), new Set([0, 1]))
  assert.equal(third, gone)
})

test('a participant of many megabytes is loaded whole among others', async () => {
  const { tables, pool, arrive } = await newStudy()
  await Promise.all([arrive('small', 'A'), arrive('large', 'A'), arrive('fresh', 'A')])
  const text = 'x'.repeat(3_000_000)
  await pool.query(
    `update ${tables.assignments} set datastring = '{"a":1}' where workerid = 'small'`,
  )
  await pool.query(`update ${tables.assignments} set datastring = $1 where workerid = 'large'`, [
    text,
  ])
  const loads = createLoads(tables, pool)

  const ids = ['small:A', 'large:A', 'fresh:A', 'nobody:A']
  const loaded = await Promise.all(ids.map((id) => loads.add(id)))

  assert.deepEqual(
    loaded.map((each) => each?.datastring?.length),
    [7, text.length, undefined, undefined],
  )
  assert.deepEqual(
    loaded.map((each) => each?.workerid),
    ['small', 'large', 'fresh', undefined],
  )
})

test('one worker with many assignments at once gets one row unless repeats are allowed', async () => {
  const once = await newStudy()
  const repeats = await newStudy({ conditions: 2, counters: 1 }, true)
  const ids = Array.from({ length: 20 }, (_, i) => `A${i}`)

  const refused = await Promise.all(ids.map((id) => once.arrive('W', id)))
  const admitted = await Promise.all(ids.map((id) => repeats.arrive('W', id)))

  assert.equal(refused.filter((answer) => answer.kind === 'admitted').length, 1)
  assert.equal(admitted.filter((answer) => answer.kind === 'admitted').length, 20)
})

test('the same arrival twice at once is one participant who comes back', async () => {
  const { arrive } = await newStudy()

  const answers = await Promise.all(Array.from({ length: 10 }, () => arrive('W', 'A')))

  const rows = answers.map((answer) => (answer.kind === 'admitted' ? answer.row : undefined))
  assert.equal(new Set(rows.map((row) => row?.condition)).size, 1)
  assert.equal(answers.filter((answer) => answer.kind === 'admitted' && answer.isNew).length, 1)
})

test('ids with quotes, SQL and other scripts are stored as they are', async () => {
  const { tables, pool, arrive } = await newStudy()
  const worker = `'; drop table x; -- "é😀<b>`

  await arrive(worker, 'A')

  const participant = await findParticipant(pool, tables, `${worker}:A`)
  assert.equal(participant?.workerid, worker)
  assert.equal(participant.status, 1)
})

const STEPS = ['started', 'completed', 'submitted', 'quitEarly'] as const

test('steps follow the rules: statuses rise, and paid ones never fall', async () => {
  const { tables, pool, arrive } = await newStudy()
  const steps = createSteps(tables, { pool, now: () => new Date() })
  await arrive('W', 'A')
  const status = async () => (await findParticipant(pool, tables, 'W:A'))?.status
  const seen: (number | undefined)[] = []
  for (const step of [
    'started',
    'quitEarly',
    'started',
    'quitEarly',
    'completed',
    'started',
    'quitEarly',
    'submitted',
    'completed',
    'started',
  ] as const) {
    assert.equal(await steps.add({ uniqueId: 'W:A', step }), true)
    seen.push(await status())
  }
  for (const paid of [5, 7]) {
    await pool.query(`update ${tables.assignments} set status = $1`, [paid])
    await Promise.all(STEPS.map((step) => steps.add({ uniqueId: 'W:A', step })))
    seen.push(await status())
  }

  assert.deepEqual(seen, [2, 6, 2, 6, 3, 3, 3, 4, 4, 4, 5, 7])
  assert.equal(await steps.add({ uniqueId: 'nobody:A', step: 'started' }), false)
})

test('parallel saves: every acknowledged one can be read back, the last one is current', async () => {
  const { tables, pool, arrive } = await newStudy()
  await Promise.all(['W', 'V'].map((worker) => arrive(worker, 'A')))
  const doors = pools.map((each) => createSaves(tables, each))
  const texts = Array.from({ length: 120 }, (_, n) => ({
    uniqueId: n % 3 === 0 ? 'V:A' : 'W:A',
    document: canonicalDocument(
      JSON.stringify({ currenttrial: n, data: Array.from({ length: n }, (__, i) => i) }),
    ),
  }))

  const outcomes = await Promise.all(texts.map(async (save, n) => doors[n % 2]?.add(save)))

  assert.deepEqual(new Set(outcomes), new Set(['saved']))
  for (const uniqueId of ['W:A', 'V:A']) {
    const saves = await listSaves(pool, tables, uniqueId)
    const logged = await Promise.all(
      saves.map((save) => readSave(pool, tables, uniqueId, save.version)),
    )
    const sent = texts
      .filter((save) => save.uniqueId === uniqueId)
      .map((save) => documentText(save.document))
    assert.deepEqual(new Set(logged), new Set(sent))
    assert.equal(await readDocument(pool, tables, uniqueId), logged.at(-1))
  }
})

test('a save that its own page has overtaken is kept but does not replace the newer one', async () => {
  const { tables, pool, arrive } = await newStudy()
  await arrive('W', 'A')
  const saves = createSaves(tables, pool)
  const save = (sequence: number, page = 'p1') =>
    saves.add({
      uniqueId: 'W:A',
      document: canonicalDocument(JSON.stringify({ sequence, page })),
      order: { page, sequence },
    })

  const outcomes = [await save(1), await save(3), await save(2), await save(1, 'p2')]

  assert.deepEqual(outcomes, ['saved', 'saved', 'superseded', 'saved'])
  assert.equal(await readDocument(pool, tables, 'W:A'), '{"sequence": 1, "page": "p2"}')
  assert.equal(await readSave(pool, tables, 'W:A', 3), '{"sequence": 2, "page": "p1"}')
})

test('saves of a long session are logged as what changed', async () => {
  const { tables, pool, arrive } = await newStudy()
  await arrive('W', 'A')
  const saves = createSaves(tables, pool)
  const trial = { phase: 'TEST', rt: 512.25, word: 'SHIP' }
  for (let n = 1; n <= 120; n += 1) {
    const document = canonicalDocument(
      JSON.stringify({ currenttrial: n, data: Array.from({ length: n }, () => trial) }),
    )
    await saves.add({ uniqueId: 'W:A', document })
  }

  const { rows } = await pool.query<{ logged: number; last: number }>(
    `select sum(length(body))::int as logged, (select length(datastring) from ${tables.assignments}) as last
     from experiment_saves where study = $1`,
    [tables.study],
  )
  const first = await readSave(pool, tables, 'W:A', 77)

  assert.ok((rows[0]?.logged ?? 0) < 6 * (rows[0]?.last ?? 0), JSON.stringify(rows))
  assert.equal((JSON.parse(first ?? '{}') as { currenttrial: number }).currenttrial, 77)
})

test('a save for no one is unknown and does not harm its neighbors', async () => {
  const { tables, pool, arrive } = await newStudy()
  await arrive('W', 'A')
  const saves = createSaves(tables, pool)
  const document = canonicalDocument('{"a":1}')

  const outcomes = await Promise.all(
    ['W:A', 'nobody:A'].map((uniqueId) => saves.add({ uniqueId, document })),
  )

  assert.deepEqual(outcomes, ['saved', 'unknown'])
})

test('a table that psiTurk made is used as it is; another table is refused by name', async () => {
  const [pool] = pools
  assert.ok(pool)
  await pool.query(`create table old_study (uniqueid varchar(128) primary key, assignmentid varchar(128) not null,
    workerid varchar(128) not null, hitid varchar(128) not null, ipaddress varchar(128), browser varchar(128),
    platform varchar(128), language varchar(128), cond integer, counterbalance integer, codeversion varchar(128),
    beginhit timestamp, beginexp timestamp, endhit timestamp, bonus float, status integer, mode varchar(128), datastring text)`)
  await pool.query('create table other (id int)')
  const names = {
    hits_table_name: 'h',
    campaigns_table_name: 'c',
    database_url: '',
    assignments_table_name: '',
    jobs_table_name: '',
  }

  await createTables(pool, tablesOf({ ...names, table_name: 'old_study' }))
  const refused = createTables(pool, tablesOf({ ...names, table_name: 'other' }))

  await assert.rejects(refused, { code: 'table_incomplete', message: /Table other .* uniqueid, / })
  const { rows } = await pool.query(
    `select indexname from pg_indexes where tablename = 'old_study'`,
  )
  assert.equal(rows.length, 1)
})

test('a list of texts arrives in the database as it is', async () => {
  const [pool] = pools
  const values = ['', 'plain', '"quotes", {braces} \\ and NULL', 'é😀\n', null]

  const rows = await run<{ values: unknown }>(
    pool as Pool,
    statement('select $1::text[] as values'),
    [textArray(values)],
  )

  assert.deepEqual(rows, [{ values }])
  const empty = await run(pool as Pool, statement('select $1::text[] as values'), [textArray([])])
  assert.deepEqual(empty, [{ values: [] }])
})

test('arrivals continue by the text of statements where a pooler loses their names', async () => {
  await using own = await createTestDatabase()
  const pool = openPool(own.url, { max: 1, isPipelined: true })
  const tables = tablesOf({
    table_name: 'assignments',
    hits_table_name: 'amt_hit',
    campaigns_table_name: 'campaign',
    database_url: '',
    assignments_table_name: '',
    jobs_table_name: '',
  })
  await createTables(pool, tables)
  const cells = { conditions: 2, counters: 1 }
  const rules = { allowRepeats: false, codeVersion: '1', cutoffMinutes: 30, cells: () => cells }
  const door = createArrivals(tables, rules, { pool, now: () => new Date(), random: randomInt })
  const arrive = (workerId: string) => door.add({ ...ARRIVAL, workerId })
  await arrive('first')

  // As if the next transaction were on another connection.
  await pool.query('deallocate all')
  const second = await arrive('second')

  assert.equal(second.kind, 'admitted')
  assert.deepEqual(await run(pool, statement('select $1::int as answer'), [1]), [{ answer: 1 }])
  await pool.end()
})
