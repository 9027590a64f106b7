import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createWorkbench, newApp, type Workbench } from '../testing.ts'

let bench: Workbench
let id: string
before(async () => {
  bench = await createWorkbench()
  id = (await newApp(bench, 'io')).id
})
after(() => bench[Symbol.asyncDispose]())

const file = (name: string, ...lines: string[]): string => {
  const path = join(bench.directory, name)
  writeFileSync(path, lines.join('\n'))
  return path
}
const event = (entityId: number, more = '') =>
  `{"event":"view","entityType":"user","entityId":${entityId}${more}}`
const importFile = (path: string, ...more: string[]) =>
  bench.pio(['import', '--appid', id, '--input', path, ...more])

test('an export can be imported elsewhere, and says the same again', async () => {
  const other = (await newApp(bench, 'copy')).id
  await importFile(file('some.json', event(1), '', event(2, ',"properties":{"a":[1,"\\t"]}')))
  const out = join(bench.directory, 'out')

  const exported = await bench.pio(['export', '--appid', id, '--output', out])
  const copied = await bench.pio(['import', '--appid', other, '--input', out])
  await bench.pio(['export', '--appid', other, '--output', `${out}2`])

  assert.match(exported.stdout, /Events are exported to .*\/out\/\.\n[^]*Done\.\n/)
  assert.equal(copied.code, 0)
  const eventsOf = (directory: string) =>
    readFileSync(join(directory, 'part-00000'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => ({ ...JSON.parse(line), creationTime: '' }))
  assert.deepEqual(eventsOf(`${out}2`), eventsOf(out))
  assert.ok(existsSync(join(out, '_SUCCESS')))
})

test('a second import of an export names the id that is taken; --drop-ids makes new ones', async () => {
  const out = join(bench.directory, 'out')

  const again = await importFile(out)
  const dropped = await importFile(out, '--drop-ids')

  assert.equal(again.code, 1)
  assert.match(again.stdout, /line 1: the event ID \w+ already exists/)
  assert.match(again.stdout, /--drop-ids/)
  assert.match(dropped.stdout, /2 imported, 0 left out/)
})

test('an existing output is not overwritten', async () => {
  const out = join(bench.directory, 'taken')
  mkdirSync(out)

  const { code, stdout } = await bench.pio(['export', '--appid', id, '--output', out])

  assert.equal(code, 1)
  assert.match(stdout, /Output directory .*taken already exists/)
})

test('a Parquet export has the same events', async () => {
  const out = join(bench.directory, 'columns')
  await bench.pio(['export', '--appid', id, '--output', out, '--format', 'parquet'])

  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(join(out, 'part-00000.parquet')),
  })

  assert.equal(rows.length, 4)
  assert.deepEqual(
    [rows[0]?.['event'], rows[0]?.['entityId'], rows[0]?.['targetEntityId']],
    ['view', '1', null],
  )
  assert.deepEqual(JSON.parse(String(rows[1]?.['properties'])), { a: [1, '\t'] })
})

test('a broken line is named by its number and nothing is imported', async () => {
  const path = file('broken.json', event(1), '{"event":"view"', event(3))

  const failed = await importFile(path)
  const tolerant = await importFile(path, '--max-errors', '1')

  assert.equal(failed.code, 1)
  assert.match(failed.stdout, /^\[ERROR\] \[FileToEvents\$\] malformed json => \{"event":"view"$/m)
  assert.match(
    failed.stdout,
    /No event was imported\. Broken lines:\n.*line 2: Malformed JSON at column 16: /,
  )
  assert.equal(tolerant.code, 0)
  assert.match(tolerant.stdout, /malformed json => \{"event":"view"\n/)
  assert.match(tolerant.stdout, /2 imported, 1 left out/)
})

test('of several files the broken one is named', async () => {
  const folder = join(bench.directory, 'several')
  mkdirSync(folder)
  writeFileSync(join(folder, 'part-00000'), `${event(1)}\n${event(2)}\n`)
  writeFileSync(join(folder, 'part-00001'), `${event(3)}\n{"event":"x"}\n`)

  const { code, stdout } = await importFile(folder)

  assert.equal(code, 1)
  assert.match(stdout, /part-00001, line 2: .*The field entityType is required/)
})

test('unknown apps, channels and files are refused', async () => {
  const path = file('one.json', event(1))

  const app = await bench.pio(['import', '--appid', '999', '--input', path])
  const channel = await importFile(path, '--channel', 'nope')
  const missing = await importFile('nope.json')
  const number = await bench.pio(['import', '--appid', 'x', '--input', path])

  assert.match(app.stdout, /App ID 999 does not exist/)
  assert.match(channel.stdout, /Channel nope doesn't exist in this app\./)
  assert.match(missing.stdout, /There is no file nope\.json to import\./)
  assert.match(number.stderr, /Option --appid takes a whole number/)
  assert.deepEqual([app.code, channel.code, missing.code, number.code], [1, 1, 1, 1])
})

test('a channel has its own events', async () => {
  await bench.pio(['app', 'channel-new', 'io', 'web'])
  await importFile(file('three.json', event(1), event(2), event(3)), '--channel', 'web')
  const out = join(bench.directory, 'web')

  const { stdout } = await bench.pio(['export', '--appid', id, '--channel', 'web', '--output', out])

  assert.match(stdout, /3 exported/)
})
