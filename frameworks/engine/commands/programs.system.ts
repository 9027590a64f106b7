import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createWorkbench, newApp, type Workbench } from '../testing.ts'

/** The programs beside `pio`: its shell, and starting and stopping all. */
let bench: Workbench
before(async () => {
  bench = await createWorkbench()
  const { id } = await newApp(bench, 'shop')
  const file = join(bench.directory, 'users.json')
  writeFileSync(file, ['u1', 'u2'].map(userLine).join('\n'))
  await bench.pio(['import', '--appid', id, '--input', file])
})
after(() => bench[Symbol.asyncDispose]())

const userLine = (id: string): string =>
  `{"event":"$set","entityType":"user","entityId":"${id}","properties":{"a":1}}`

const shell = (lines: readonly string[], ...args: string[]) =>
  bench.pio(args, { program: 'pio-shell', input: lines.join('\n') })

test('pio-shell answers what comes through a pipe, statement by statement, in order', async () => {
  const { code, stdout, stderr } = await shell([
    'import org.apache.predictionio.data.store.PEventStore',
    "const users = await PEventStore.aggregateProperties({ appName: 'shop', entityType: 'user' })",
    'users.size',
    "PEventStore.find({ appName: 'shop' })",
    '  .then((events: object[]) => `found ${events.length}`)',
    'function twice(a: number): number {',
    '  return a * 2',
    '}',
    "await new Promise((done) => setTimeout(done, 50)); console.log('late')",
    'twice(21)',
  ])

  assert.deepEqual(
    { code, stdout, stderr },
    { code: 0, stdout: "2\n'found 2'\nlate\n42\n", stderr: '' },
  )
})

test("the documents' options of pio-shell get a notice each", async () => {
  const { code, stdout } = await shell(['1 + 1'], '--with-spark', '--jars', 'a.jar,b.jar')

  assert.equal(code, 0)
  assert.equal(
    stdout,
    `[WARN] [Shell$] --with-spark has no effect here: there is no Spark below.
[WARN] [Shell$] --jars has no effect here: there is no Spark below.
2
`,
  )
})

test('pio-shell stops at what goes wrong, with exit code 1', async () => {
  const thrown = await shell([
    "console.log('first')",
    "throw new Error('boom')",
    "console.log('no')",
  ])
  const unknown = await shell(["PEventStore.find({ appName: 'nope' })", "console.log('no')"])
  const wrong = await shell(["console.log('no')", 'foo bar'])

  assert.deepEqual([thrown.code, thrown.stdout], [1, 'first\n'])
  assert.match(thrown.stderr, /^Uncaught Error: boom\n.*\/pio-shell:2:/)
  assert.equal(unknown.code, 1)
  assert.match(unknown.stdout, /^\[ERROR\] \[Pio\$\] Invalid app name nope\n/)
  assert.deepEqual([wrong.code, wrong.stdout], [1, ''])
  assert.match(wrong.stderr, /^Uncaught SyntaxError: line 2: /)
})

test('pio-start-all starts an event server in the background, pio-stop-all ends it', async () => {
  const home = join(bench.directory, 'home')
  const run = (program: string, ...args: string[]) =>
    bench.pio(args, { program, env: { PIO_HOME: home } })

  const started = await run('pio-start-all', '--ip', '127.0.0.1', '--port', '0')
  const url = /listening at (\S+)/.exec(started.stdout)?.[1] ?? ''
  const alive = await (await fetch(url)).json()
  const pid = Number(readFileSync(join(home, 'eventserver.pid'), 'utf8'))
  const again = await run('pio-start-all', '--port', '0')
  const stopped = await run('pio-stop-all')

  assert.equal(started.code, 0, started.stdout)
  assert.deepEqual(alive, { status: 'alive' })
  assert.equal(again.code, 1)
  assert.match(again.stdout, new RegExp(`The event server is already running as process ${pid}\\.`))
  assert.equal(stopped.code, 0)
  assert.match(stopped.stdout, /Stopping PredictionIO Event Server\.\.\./)
  await assert.rejects(fetch(url))
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  assert.equal(existsSync(join(home, 'eventserver.pid')), false)
  assert.match((await run('pio-stop-all')).stdout, /PredictionIO Event Server is not running\./)
})

test('an event server that cannot start is reported with its output', async () => {
  await using taken = await bench.start(['eventserver', '--ip', '127.0.0.1', '--port', '0'])
  const { port } = new URL(taken.url)

  const { code, stdout } = await bench.pio(['--ip', '127.0.0.1', '--port', port], {
    program: 'pio-start-all',
  })

  assert.equal(code, 1)
  assert.match(stdout, /The event server did not start\.[^]*the port is in use/)
})
