import { openPool } from '@hokku/postgres'
import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTables } from '../store/tables.ts'
import { rowsOf } from './data-files.ts'
import { exportParticipants } from './export.ts'

const PARTICIPANTS = 100_000
const DYNO_MB = 512

test('100,000 participants are exported in flat memory', async () => {
  await using database = await createTestDatabase()
  const pool = openPool(database.url, { max: 2 })
  const tables = {
    study: 'assignments',
    assignments: 'assignments',
    hits: 'amt_hit',
    campaigns: 'campaign',
  }
  await createTables(pool, tables)
  await pool.query(
    `insert into assignments (uniqueid, assignmentid, workerid, hitid, status, mode, beginhit, datastring)
     select 'W' || n || ':A' || n, 'A' || n, 'W' || n, 'H', 4, 'live', now(),
       '{"data": [' || repeat('{"uniqueid": "x", "current_trial": 0, "dateTime": 1, "trialdata": {"rt": 523.5, "word": "SHIP"}}, ', 19)
       || '{"uniqueid": "x", "current_trial": 0, "dateTime": 1, "trialdata": {"rt": 1}}], "questiondata": {}, "eventdata": []}'
     from generate_series(1, $1) n`,
    [PARTICIPANTS],
  )
  let [count, bytes] = [0, 0]
  // The heap takes its working size first; after that more participants must not need more.
  const peaks = [0, 0]
  for await (const participant of exportParticipants(pool, tables)) {
    bytes += rowsOf(participant)['trialdata.csv'].text.length
    count += 1
    const half = count <= PARTICIPANTS / 2 ? 0 : 1
    if (count % 1000 === 0) peaks[half] = Math.max(peaks[half] ?? 0, process.memoryUsage.rss())
  }
  await pool.end()

  const [first = 0, second = 0] = peaks.map((peak) => peak / 1024 / 1024)
  assert.equal(count, PARTICIPANTS)
  assert.ok(bytes > 100_000_000)
  assert.ok(second - first < 50, `memory grew from ${first.toFixed(0)} to ${second.toFixed(0)} MB`)
  assert.ok(second < DYNO_MB, `${second.toFixed(0)} MB are more than a dyno has`)
})
