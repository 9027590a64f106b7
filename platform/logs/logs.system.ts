import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { LogRecord } from './contract.ts'
import { openTestLogs, until } from './testing.ts'

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)

const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

test('what an app prints and what the platform says stand in one log, in order', async (t) => {
  const { logs, app, file, messages } = openTestLogs(t)
  writeFileSync(file('out'), 'hello\n')

  logs.write(app.id, 'heroku', 'web.1', 'State changed from starting to up')
  logs.follow({ appId: app.id, id: 'i1', process: 'web.1', file: file('out') })
  await until(() => messages().length === 2, 'the line in the file')
  appendFileSync(file('out'), 'half a ')
  appendFileSync(file('out'), 'line\nunfinished')
  await logs.unfollow('i1')

  assert.deepEqual(messages(), [
    'State changed from starting to up',
    'hello',
    'half a line',
    'unfinished',
  ])
  assert.match(
    logs.recent(app.id, 1, {})[0] ?? '',
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 app\[web\.1\]: unfinished$/,
  )
  assert.deepEqual(logs.recent(app.id, 10, { source: 'heroku' }).length, 1)
  assert.deepEqual(logs.recent(app.id, 10, { dyno: 'worker' }), [])
})

test('a file that comes later, and lines long after the first, are noticed', async (t) => {
  const { logs, app, file, messages } = openTestLogs(t)
  logs.follow({ appId: app.id, id: 'i1', process: 'web.1', file: file('out') })

  await setTimeout(300)
  appendFileSync(file('out'), 'first\n')
  await until(() => messages().length === 1, 'the first line')
  await setTimeout(600)
  appendFileSync(file('out'), 'second\n')
  await until(() => messages().length === 2, 'the second line')
})

test('1,500 lines are kept, little of the disk is used, and consumed output is given back', async (t) => {
  const { home, logs, app, file, messages, reopen } = openTestLogs(t)
  const filler = 'x'.repeat(200)
  logs.follow({ appId: app.id, id: 'i1', process: 'web.1', file: file('out') })

  for (let i = 0; i < 100; i++) {
    appendFileSync(
      file('out'),
      asText(numbered(i * 1000 + 1, (i + 1) * 1000).map((line) => `${line} ${filler}`)),
    )
    await setTimeout(5)
  }
  await until(() => messages(1)[0]?.startsWith('line 100000 ') === true, 'the last line')
  if (process.platform === 'linux') {
    await until(() => statSync(file('out')).blocks * 512 < 9 * 1024 * 1024, 'the disk space')
  }

  assert.deepEqual(
    messages().map((line) => line.replace(` ${filler}`, '')),
    numbered(98_501, 100_000),
  )
  const segments = join(home.logs, 'apps', app.id, 'segments')
  const bytes = readdirSync(segments).map((name) => statSync(join(segments, name)).size)
  assert.ok(bytes.reduce((sum, size) => sum + size, 0) < 8 * 1024 * 1024, bytes.join(' + '))
  await reopen()
  assert.equal(messages(1)[0], `line 100000 ${filler}`)
})

test('kill -9 of the reader, again and again: no line is lost and none comes twice', async (t) => {
  const platform = openTestLogs(t)
  const { app, home, file } = platform
  await platform.logs.close()
  const writer = spawn('sh', ['-c', WRITE_SLOWLY, 'sh', file('out'), '300'])
  const written = once(writer, 'exit')

  for (let life = 1; life <= 8; life++) {
    const reader = spawn(process.execPath, [READER, home.root, app.id, file('out')])
    const ended = once(reader, 'exit')
    await once(reader.stdout, 'data')
    await setTimeout(life * 13)
    reader.kill('SIGKILL')
    await ended
  }
  await written
  await platform.reopen()
  platform.logs.follow({ appId: app.id, id: 'instance-1', process: 'web.1', file: file('out') })
  await platform.logs.unfollow('instance-1')

  // The log numbers its lines itself: after a loss or a repetition the two would differ.
  const records = await everything(platform)
  for (const { first, text } of records) {
    for (const [i, line] of text.toString().trimEnd().split('\n').entries()) {
      assert.equal(line, `line ${first + i} ${FILLER}`)
    }
  }
  const last = records.at(-1)
  assert.equal((last?.first ?? 0) + (last?.count ?? 0) - 1, 60_000)
})

test('a disk that takes no more costs no line of an app: they wait in its file', async (t) => {
  const platform = openTestLogs(t)
  const { app, home, file } = platform
  await platform.logs.close()
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i + 1} ${FILLER}`)
  writeFileSync(file('out'), asText(lines))

  // A limit for files stands in for the disk: half of the lines fit.
  const limited = ['-c', 'ulimit -f 2900; exec "$@"', 'sh', process.execPath, READER]
  const reader = spawn('sh', [...limited, home.root, app.id, file('out')])
  const errors: string[] = []
  reader.stderr.on('data', (data: Buffer) => errors.push(data.toString()))
  await until(() => errors.length > 0, 'the complaint')
  assert.equal(reader.exitCode, null)
  reader.kill('SIGKILL')
  await once(reader, 'exit')
  await platform.reopen()
  const before = platform.messages(1)[0] ?? ''
  platform.logs.follow({ appId: app.id, id: 'instance-1', process: 'web.1', file: file('out') })
  await platform.logs.unfollow('instance-1')

  assert.match(errors.join(''), /cannot be read into the log/)
  assert.notEqual(before, lines.at(-1))
  const records = await everything(platform)
  const kept = records.flatMap(({ text }) => text.toString().trimEnd().split('\n'))
  assert.deepEqual(kept, lines.slice((records[0]?.first ?? 0) - 1))
})

const READER = join(import.meta.dirname, 'fixtures/reader.ts')
const FILLER = 'x'.repeat(80)
/** Appends 200 numbered lines at a time: 60,000 of them are some segments of the log. */
const WRITE_SLOWLY = `i=0; while [ $i -lt $2 ]; do
  seq -f "line %.0f ${FILLER}" $((i * 200 + 1)) $((i * 200 + 200)); i=$((i + 1)); sleep 0.005
done >> "$1"`

async function everything({ app, logs }: ReturnType<typeof openTestLogs>): Promise<LogRecord[]> {
  const session = { appId: app.id, lines: 0, tail: false }
  const batches = await Array.fromAsync(logs.read(session, 0, AbortSignal.timeout(10_000)))
  return batches.flat().filter((record) => record.process !== 'logplex')
}

test('the router lines of all apps arrive once, and finished segments are removed', async (t) => {
  const platform = openTestLogs(t)
  const { app, account, home, store } = platform
  const other = store.apps.create('other', account.id)
  const second = Math.floor(Date.now() / 1000)
  const segment = (name: string): string => join(home.logs, 'router', name)
  const line = (appId: string, i: number): string =>
    `${appId}\t${second}${String(i).padStart(6, '0')}\tat=info n=${i}\n`

  writeFileSync(segment('001.log'), line(app.id, 1) + line(other.id, 2) + line(app.id, 3))
  await until(() => platform.messages().length === 2, 'the first lines')
  await platform.reopen()
  writeFileSync(segment('002.log'), `${line(app.id, 4)}torn`)
  await until(() => platform.messages().length === 3, 'the next segment')
  await until(() => readdirSync(join(home.logs, 'router')).length === 1, 'the removal')
  await platform.reopen()
  appendFileSync(segment('002.log'), `\n${line(app.id, 5)}`)
  await until(() => platform.messages().length === 4, 'what follows')

  assert.deepEqual(
    platform.messages(),
    [1, 3, 4, 5].map((n) => `at=info n=${n}`),
  )
  assert.deepEqual(platform.logs.recent(other.id, 9), [
    `${new Date(second * 1000).toISOString().slice(0, 19)}.000002+00:00 heroku[router]: at=info n=2`,
  ])
})

test('a tail shows what was, then what comes, and continues where it stopped', async (t) => {
  const { app, logs } = openTestLogs(t)
  const stop = new AbortController()
  for (const message of ['one', 'two', 'three']) logs.write(app.id, 'app', 'api', message)

  const tail = logs.read({ appId: app.id, lines: 2, tail: true }, undefined, stop.signal)
  assert.deepEqual(texts(await tail.next()), ['two\n', 'three\n'])
  logs.write(app.id, 'app', 'api', 'four')
  assert.deepEqual(texts(await tail.next()), ['four\n'])
  stop.abort()
  await tail.next()
  assert.equal((await tail.next()).done, true)

  logs.write(app.id, 'app', 'api', 'five')
  const again = logs.read({ appId: app.id, lines: 2, tail: false }, 3, AbortSignal.timeout(5000))
  assert.deepEqual(texts(await again.next()), ['four\n', 'five\n'])
})

const texts = (result: IteratorResult<readonly LogRecord[], unknown>): string[] =>
  result.done === true ? [] : result.value.map((record) => record.text.toString())

test('a tail that is too slow loses the oldest lines and learns how many', async (t) => {
  const { app, logs } = openTestLogs(t)
  const stop = new AbortController()
  const tail = logs.read({ appId: app.id, lines: 0, tail: true }, undefined, stop.signal)
  await tail.next()

  const written = 6000
  for (let i = 1; i <= written; i++) logs.write(app.id, 'app', 'api', `${i} ${'x'.repeat(1000)}`)
  const { value } = await tail.next()
  stop.abort()
  const [loss, ...rest] = (value as readonly LogRecord[]).map((record) => record.text.toString())

  const count = Number(
    /^Error L11 \(tail buffer overflow\): (\d+) messages dropped/.exec(loss ?? '')?.[1],
  )
  assert.equal(count, written - rest.length)
  assert.ok(rest.length >= 1500)
  assert.ok(rest.at(-1)?.startsWith(`${written} `))
})

test('removing an app ends its tails and leaves nothing on disk, even if lines come late', async (t) => {
  const { app, home, logs, file } = openTestLogs(t)
  writeFileSync(file('out'), 'hello\n')
  logs.follow({ appId: app.id, id: 'i1', process: 'web.1', file: file('out') })
  const { secret } = logs.openSession({ appId: app.id, lines: 1, tail: true })
  const tail = logs.read(
    { appId: app.id, lines: 9, tail: true },
    undefined,
    AbortSignal.timeout(9000),
  )
  await tail.next()

  await logs.remove(app.id)
  logs.write(app.id, 'heroku', 'web.1', 'Process exited with status 143')
  await logs.unfollow('i1')

  await tail.next()
  assert.equal((await tail.next()).done, true)
  assert.deepEqual(readdirSync(join(home.logs, 'apps')), [])
  assert.equal(logs.session(secret), undefined)
  assert.deepEqual(logs.recent(app.id, 10), [])
})

test('a session is known to the next control plane, a made-up secret to none', async (t) => {
  const platform = openTestLogs(t)
  const request = { appId: platform.app.id, lines: 5, tail: true, dyno: 'web' }

  const { secret } = platform.logs.openSession(request)
  await platform.reopen()

  assert.deepEqual(platform.logs.session(secret), request)
  assert.equal(platform.logs.session(`${secret.slice(0, -2)}AA`), undefined)
  assert.equal(platform.logs.session('x'), undefined)
})
