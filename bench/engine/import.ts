import { table } from '@hokku/kit/command-line'
import { openPool } from '@hokku/postgres'
import { createTestDatabase } from '@hokku/postgres/testing'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { createEventId } from '../../frameworks/engine/events/event-id.ts'
import { readEvent } from '../../frameworks/engine/events/event-reader.ts'
import { parseLenientJson } from '../../frameworks/engine/events/lenient-json.ts'
import { linesOf } from '../../frameworks/engine/events/lines.ts'
import { valuesOf, WRITTEN_COLUMNS } from '../../frameworks/engine/events/effects/columns.ts'
import { encodeRow } from '../../frameworks/engine/events/effects/copy-rows.ts'
import { openStorage } from '../../frameworks/engine/storage/storage.ts'
import { eventJson } from './event-lines.ts'
import { machine, median, perSecond, ROUNDS } from './machine.ts'

// node bench/engine/import.ts: pio import of a file against a bare COPY of the same rows, ready.
const IMPORTED = 200_000

await using database = await createTestDatabase({ durable: true })
const storage = openStorage({ DATABASE_URL: database.url })
const events = await storage.events()
const pool = openPool(database.url, { max: 2 })
const directory = mkdtempSync(join(tmpdir(), 'hokku-bench-'))
const path = join(directory, 'events.json')
const lines = Array.from({ length: IMPORTED }, (_, n) => eventJson(n))
writeFileSync(path, `${lines.join('\n')}\n`)

const rows = lines.map((line, n) =>
  encodeRow(
    valuesOf(
      { appId: 3, channelId: 0 },
      readEvent(parseLenientJson(line), 0),
      createEventId(Date.now() + Math.floor(n / 1000)),
      new Date().toISOString(),
    ),
  ),
)
const chunks = Array.from({ length: Math.ceil(rows.length / 400) }, (_, at) =>
  rows.slice(at * 400, (at + 1) * 400).join(''),
)

async function bareCopy(): Promise<number> {
  const client = await pool.connect()
  const startedMs = performance.now()
  await pipeline(
    Readable.from(chunks),
    client.query(copyFrom(`copy pio_events (${WRITTEN_COLUMNS.join(', ')}) from stdin`)),
  )
  const tookMs = performance.now() - startedMs
  client.release()
  await emptyTable()
  return tookMs
}

async function ourImport(): Promise<number> {
  const startedMs = performance.now()
  const options = { nowMs: Date.now(), errorsMax: 0 }
  await events.importLines({ appId: 3, channelId: 0 }, linesOf(path), options)
  const tookMs = performance.now() - startedMs
  await emptyTable()
  return tookMs
}

/** So that both find the same table. */
async function emptyTable(): Promise<void> {
  await pool.query('truncate pio_events')
}

await bareCopy()
await ourImport()
const took: { copy: number[]; ours: number[] } = { copy: [], ours: [] }
for (let round = 0; round < ROUNDS; round++) {
  took.copy.push(await bareCopy())
  took.ours.push(await ourImport())
}
const shares = took.copy.map((ms, at) => (100 * ms) / (took.ours[at] ?? NaN))
console.log(`${machine()}; PostgreSQL on the same machine, medians of ${ROUNDS} rounds in turn\n`)
console.log(
  table([
    [`import, ${IMPORTED.toLocaleString('en')} events`, 'rate'],
    ['bare COPY of ready rows', `${perSecond(IMPORTED, median(took.copy))}/s`],
    ['pio import (read, parse, check, COPY)', `${perSecond(IMPORTED, median(took.ours))}/s`],
  ]),
)
console.log(
  `\nours / bare COPY: ${median(shares).toFixed(0)} % (${shares.map((one) => one.toFixed(0)).join(', ')}); goal 60 %`,
)

await pool.end()
await storage.close()
rmSync(directory, { recursive: true })
