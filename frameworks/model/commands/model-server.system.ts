import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { childClose, childExit } from '@hokku/kit/child-exit'
import { createTestDatabase } from '@hokku/postgres/testing'
import { portOf } from '@hokku/kit/port-of'

const program = join(import.meta.dirname, '../bin/model-server')
const fixtures = join(import.meta.dirname, '../fixtures')
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-cli-'))
})
after(() => rm(folder, { recursive: true }))

const run = (...args: string[]) =>
  spawnSync(program, args, {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
  })

test('inspect shows what is in a model, as text and as JSON, without a database', () => {
  const text = run('inspect', join(fixtures, 'corpus/forest_ordinal'))
  const json = JSON.parse(
    run('inspect', join(fixtures, 'corpus/forest_ordinal'), '--json').stdout,
  ) as {
    scikit_learn: string
    written_by: string
    self_check: { rows: number; differ: number }
    columns: { name: string; values?: unknown[] }[]
  }

  assert.equal(text.status, 0)
  assert.match(text.stdout, /RandomForestClassifier \(40 trees, [\d,]+ nodes\)/)
  assert.match(text.stdout, /self-check +50 rows, 0 differ/)
  assert.equal(json.scikit_learn, '1.2.1')
  assert.equal(json.written_by, 'joblib, protocol 4')
  assert.equal(json.self_check.rows, 50)
  assert.equal(json.self_check.differ, 0)
  assert.deepEqual(json.columns.find(({ name }) => name === 'Sex')?.values, ['female', 'male'])
})

test('check ends with 0 if all answers agree and with 1 if one differs', async () => {
  const model = join(folder, 'checked')
  await cp(join(fixtures, 'corpus/ridge_regression'), model, { recursive: true })

  assert.equal(run('check', model).status, 0)
  await writeFile(join(model, 'expected.json'), '[{"id": 0, "predict": 1e6}]')
  assert.equal(run('check', model).status, 1)
})

test('score answers what comes before a line that is not JSON, then names the line', async () => {
  const file = join(folder, 'broken.jsonl')
  await writeFile(file, '{"Pclass":1,"Sex":"male","Age":3,"Parch":0}\n\nnot json\n')

  const result = run('score', join(fixtures, 'corpus/ridge_regression'), file)

  assert.equal(result.status, 1)
  assert.match(result.stdout, /^\{"id":0,"predict":[\d.]+\}\n$/)
  assert.match(result.stderr, /Line 3 is not valid JSON/)
})

test('score answers CSV, JSON and JSON lines with a JSON line a row, refused rows in their place', async () => {
  const model = join(fixtures, 'corpus/ridge_regression')
  const row = { Pclass: 1, Sex: 'female', Age: null, Parch: 0 }
  const files = {
    'rows.json': JSON.stringify([row, { id: 'b', observation: { ...row, Parch: null } }]),
    'rows.jsonl': `${JSON.stringify(row)}\n${JSON.stringify({ id: 'b', observation: { ...row, Parch: null } })}\n`,
    'rows.csv': 'id,Pclass,Sex,Age,Parch\n0,1,female,,0\nb,1,female,,\n',
  }
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name)
    await writeFile(file, content)

    const { status, stdout, stderr } = run('score', model, file)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

    assert.equal(status, 0, stderr)
    assert.deepEqual(Object.keys(lines[0]!), ['id', 'predict'], name)
    assert.equal(lines[0]?.['id'], 0)
    assert.equal(lines[1]?.['id'], 'b')
    assert.match(JSON.stringify(lines[1]?.['error']), /Parch/)
  }
})

test('score --strict refuses what the schema forbids', async () => {
  const file = join(folder, 'strict.jsonl')
  await writeFile(file, '{"Pclass": "1", "Sex": "female", "Age": 3, "Parch": 0}\n')

  assert.match(run('score', join(fixtures, 'corpus/ridge_regression'), file).stdout, /"predict"/)
  assert.match(
    run('score', join(fixtures, 'corpus/ridge_regression'), file, '--strict').stdout,
    /Pclass must be an integer/,
  )
})

test('what is not a model is refused with the file, the reason and exit code 1', async () => {
  const model = join(folder, 'broken')
  await cp(join(fixtures, 'titanic-seed/2017'), model, { recursive: true })
  const refused = async (content: string): Promise<string> => {
    await writeFile(join(model, 'pipeline.pickle'), Buffer.from(content, 'latin1'))
    const { status, stderr } = run('inspect', model)
    assert.equal(status, 1)
    return stderr
  }

  assert.match(await refused('no pickle'), /pipeline\.pickle: This is not a pickle/)
  assert.match(await refused(''), /pipeline\.pickle: The file is empty/)
  assert.match(
    await refused('\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.'),
    /system from os/,
  )
  assert.match(await refused(`\x80\x04${'('.repeat(100_000)}`), /more than 10000 marks/)
  assert.match(
    run('inspect', folder).stderr,
    /There is no model file in .*\nPut one there, for example model\.pkl/,
  )
})

test('words that are not understood end with exit code 2 and a hint', () => {
  for (const args of [['score'], ['inspect', '--what'], ['score', '.', 'rows.txt', '--nope']]) {
    const { status, stderr } = run(...args)

    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, /model-server/)
  }
  assert.equal(run('--help').status, 0)
})

test('in a dyno without a database it ends with 1 and names the add-on', () => {
  const { status, stderr } = spawnSync(program, [join(fixtures, 'titanic-seed/2017')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, DYNO: 'web.1', PORT: '0' },
  })

  assert.equal(status, 1)
  assert.match(stderr, /heroku addons:create heroku-postgresql/)
})

test('a database that is not there and a port that is taken are said in one sentence', async () => {
  await using database = await createTestDatabase()
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const port = String(portOf(taken))
  const start = async (env: Record<string, string>): Promise<string> => {
    const server = spawn(program, [join(fixtures, 'titanic-seed/2017')], {
      env: { PATH: process.env['PATH'], HOME: folder, ...env },
    })
    let printed = ''
    server.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    const { code } = await childClose(server)
    assert.equal(code, 1)
    return printed
  }

  const lost = await start({ PORT: '0', DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/lost' })
  const late = await start({ PORT: port, DATABASE_URL: database.url })
  taken.close()

  assert.match(lost, /^Error: The database of DATABASE_URL cannot be used: .*\n.*Check.*\n$/)
  assert.doesNotMatch(lost, /secret/)
  assert.match(late, new RegExp(`^Error: Cannot listen on 127.0.0.1 port ${port}: another`))
})

test('serve answers on $PORT and ends by SIGTERM after the last answer', async () => {
  await using database = await createTestDatabase()
  const env = { PATH: process.env['PATH'], HOME: folder, PORT: '0', DATABASE_URL: database.url }
  const server = spawn(program, [], { cwd: join(fixtures, 'titanic-seed/2020'), env })
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  const address = /http:\S+/.exec(String(line))?.[0]

  const answer = await fetch(`${address}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"Age": 22.0, "Cabin": null, "Embarked": "S", "Fare": 7.25, "Parch": 0, "Pclass": 3, "Sex": "male", "SibSp": 1}',
  })
  const body = await answer.json()
  server.kill('SIGTERM')
  const { code } = await childExit(server)

  assert.deepEqual(body, { prediction: 0.16097398111735517 })
  assert.equal(code, 0)
})
