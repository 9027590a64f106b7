import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { cleanEnv, collect } from '../testing.ts'

/** The buildpack's own test cases, with a spy for pio that writes down how it was called. */
const PACK = import.meta.dirname
const root = mkdtempSync(join(tmpdir(), 'hokku-buildpack-'))
let app = ''
let count = 0
after(() => rmSync(root, { recursive: true }))

beforeEach(() => {
  app = join(root, String(++count))
  mkdirSync(join(app, 'data'), { recursive: true })
  cpSync(join(PACK, 'dyno'), join(app, 'bin'), { recursive: true })
  spy('exit 0')
})

/** A pio that records its arguments, then does what `body` says; `$1 $2` are the command's words. */
const spy = (body: string) =>
  script('bin/pio', `printf '%s ' "$@" >> calls; echo >> calls\n${body}`)
const script = (path: string, body: string, mode = 0o755) =>
  writeFileSync(join(app, path), `#!/bin/sh\n${body}\n`, { mode })
const calls = () =>
  existsSync(join(app, 'calls'))
    ? readFileSync(join(app, 'calls'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.trim())
    : []

const run = (name: string, env: Record<string, string> = {}) => {
  const path = `${join(app, 'bin')}:${process.env['PATH'] ?? ''}`
  const program = join(app, 'bin', `heroku-buildpack-pio-${name}`)
  return collect(
    spawn(program, { cwd: app, env: { ...cleanEnv({}), PATH: path, ...env }, stdio: 'pipe' }),
  )
}
const configured = {
  DATABASE_URL: 'postgres://x',
  PIO_EVENTSERVER_APP_NAME: 'test-app',
  PIO_EVENTSERVER_ACCESS_KEY: 'KEY',
}
const ABSENT =
  'case "$1 $2" in "app show") exit 1 ;; "app new") echo "[INFO] [App$]  ID: 358" ;; esac'
const PRESENT = 'case "$1 $2" in "app show") echo "[INFO] [Pio$]  App ID: 358" ;; esac'
const initialFile = () => writeFileSync(join(app, 'data/initial-events.json'), '{}\n')

test('load: without anything in data/ nothing happens', async () => {
  assert.deepEqual(await run('load-data', configured), { code: 0, stdout: '', stderr: '' })
  assert.deepEqual(calls(), [])
})

test('load: the initial file is imported into an app that is made for it', async () => {
  spy(ABSENT)
  initialFile()

  const { code, stdout, stderr } = await run('load-data', configured)

  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /Importing events for training to App ID 358\n/)
  assert.deepEqual(calls(), [
    'app show test-app',
    'app new --access-key KEY test-app',
    'import --appid 358 --input data/initial-events.json --',
  ])
})

for (const missing of Object.keys(configured)) {
  test(`load: without ${missing} it says so and exits 3`, async () => {
    spy(ABSENT)
    initialFile()

    const { code, stdout, stderr } = await run('load-data', { ...configured, [missing]: '' })

    assert.deepEqual([code, stderr], [3, ''])
    assert.match(stdout, new RegExp(`${missing} is required .*\\. Skipping data load\\.`))
  })
}

for (const name of ['create-initial-events', 'create_initial_events']) {
  test(`load: ${name} makes the file, which is then imported, also with AWS_REGION`, async () => {
    spy(ABSENT)
    script(`data/${name}`, 'echo making events; echo {} > data/initial-events.json')

    const { code, stdout } = await run('load-data', { ...configured, AWS_REGION: 'eu-west-1' })

    assert.equal(code, 0)
    assert.match(stdout, /making events\n.*Importing events for training to App ID 358/s)
    assert.match(calls().at(-1) ?? '', /-- --driver-java-options -Dcom\.amazonaws\S+ --conf spark/)
  })
}

test('load: a create-initial-events that makes nothing fails the release', async () => {
  spy(ABSENT)
  script('data/create-initial-events', 'true')

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 1)
  assert.match(stdout, /'data\/create-initial-events' did not produce the required output file/)
})

test('load: a hook that is not executable fails with the line that fixes it', async () => {
  spy(ABSENT)
  script('data/create-initial-events', 'true', 0o644)

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 1)
  assert.match(stdout, /chmod \+x data\/create-initial-events/)
})

test('load: a hook that fails fails the release with its code', async () => {
  spy(ABSENT)
  script('data/create-initial-events', 'exit 7')

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 7)
  assert.match(stdout, /'data\/create-initial-events' failed with exit code 7/)
})

test('load: at later releases the sync script runs and its file is imported', async () => {
  spy(PRESENT)
  script('data/create-sync-events', 'echo {} > data/sync-events.json')

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 0)
  assert.match(stdout, /Syncing events for training to App ID 358\n/)
  assert.deepEqual(calls().at(-1), 'import --appid 358 --input data/sync-events.json --')
})

for (const variable of ['PIO_PURGE_EVENTS_ON_SYNC', 'PIO_PURGE_ON_SYNC']) {
  test(`load: ${variable}=true replaces the events, in one transaction`, async () => {
    spy(PRESENT)
    script('data/create-sync-events', 'echo {} > data/sync-events.json')

    const { stdout } = await run('load-data', { ...configured, [variable]: 'true' })

    assert.match(stdout, /Deleting existing event data/)
    assert.deepEqual(calls().slice(1), [
      'import --appid 358 --input data/sync-events.json --replace --',
    ])
  })
}

test('load: a sync script that writes nothing is fine', async () => {
  spy(PRESENT)
  script('data/create-sync-events', 'true')

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 0)
  assert.match(stdout, /did not produce the file 'data\/sync-events\.json'/)
})

test('load: the initial file is imported once', async () => {
  spy(PRESENT)
  initialFile()

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 0)
  assert.match(stdout, /Found 'test-app' in the eventserver\. No data sync defined/)
})

test('load: an app left empty by a failed first import gets its data at the next release', async () => {
  spy(`${PRESENT}\ncase "$1 $2" in "app count") echo 0 ;; esac`)
  initialFile()

  const { code } = await run('load-data', configured)

  assert.equal(code, 0)
  assert.equal(calls().at(-1), 'import --appid 358 --input data/initial-events.json --')
})

test('load: with only a sync script the first release makes the app and continues', async () => {
  spy(ABSENT)
  script('data/create-sync-events', 'echo never > data/ran')

  const { code, stdout } = await run('load-data', configured)

  assert.equal(code, 0)
  assert.match(stdout, /There are no initial events to import/)
  assert.equal(existsSync(join(app, 'data/ran')), false)
})

test('release: loads, then trains', async () => {
  const { code, stdout, stderr } = await run('release', configured)

  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /Running train on release…/)
  assert.deepEqual(calls(), ['train --'])
})

test('release: PIO_TRAIN_ON_RELEASE=false skips both', async () => {
  initialFile()

  const result = await run('release', { ...configured, PIO_TRAIN_ON_RELEASE: 'false' })

  assert.deepEqual(result, { code: 0, stdout: 'Skipping train on release.\n', stderr: '' })
  assert.deepEqual(calls(), [])
})

test('release: a loader that exits 3 is not a failure, any other code is', async () => {
  script('bin/heroku-buildpack-pio-load-data', 'exit 3')
  const transient = await run('release')
  script('bin/heroku-buildpack-pio-load-data', 'exit 138')
  const failed = await run('release')

  assert.deepEqual([transient.code, transient.stdout], [0, ''])
  assert.match(transient.stderr, /Transient error loading data/)
  assert.deepEqual([failed.code, failed.stderr], [138, 'Error loading data.\n'])
})

const TRAINED: readonly (readonly [Record<string, string>, string])[] = [
  [{}, 'train --'],
  [{ PIO_OPTS: '--variant best.json' }, 'train --variant best.json --'],
  [{ PIO_TRAIN_SPARK_OPTS: '--master spark://localhost' }, 'train -- --master spark://localhost'],
]
for (const [env, call] of TRAINED) {
  test(`train with ${JSON.stringify(env)} calls pio ${call}`, async () => {
    await run('train', env)

    assert.deepEqual(calls(), [call])
  })
}

test('quotes in options keep words together, and nothing in them is run', async () => {
  script('bin/pio', 'for word in "$@"; do echo "<$word>"; done')

  const { stdout } = await run('train', {
    PIO_OPTS: `--batch 'two words' "$(touch ran)" \`touch ran\``,
  })

  assert.equal(stdout, '<train>\n<--batch>\n<two words>\n<$(touch ran)>\n<`touch>\n<ran`>\n<-->\n')
  assert.equal(existsSync(join(app, 'ran')), false)
})

test('a quote without an end is reported by the name of the variable, and nothing is run', async () => {
  const train = await run('train', { PIO_TRAIN_SPARK_OPTS: `--conf 'a=b` })
  const web = await run('web', { PORT: '1', PIO_OPTS: `--variant "best.json` })

  assert.deepEqual([train.code, web.code], [1, 1])
  assert.match(train.stderr, /^ERROR: PIO_TRAIN_SPARK_OPTS cannot be split into options/)
  assert.match(web.stderr, /^ERROR: PIO_OPTS cannot be split into options/)
  assert.deepEqual(calls(), [])
})

const WEB: readonly (readonly [Record<string, string>, string])[] = [
  [{}, 'deploy --port 853211 --'],
  [{ PIO_OPTS: '--variant best.json' }, 'deploy --port 853211 --variant best.json --'],
  [
    { PIO_SPARK_OPTS: '--master spark://localhost' },
    'deploy --port 853211 -- --master spark://localhost',
  ],
  [
    {
      PIO_ENABLE_FEEDBACK: 'true',
      PIO_EVENTSERVER_HOSTNAME: 'example.herokuapp.com',
      PIO_EVENTSERVER_ACCESS_KEY: 'XXXXX',
      PIO_EVENTSERVER_APP_NAME: 'a',
    },
    'deploy --port 853211 --feedback --event-server-ip example.herokuapp.com --event-server-port 443 --accesskey XXXXX --',
  ],
]
for (const [env, call] of WEB) {
  test(`web with ${Object.keys(env).join(', ') || 'nothing'} calls pio ${call}`, async () => {
    await run('web', { PORT: '853211', ...env })

    assert.deepEqual(calls(), [call])
  })
}

test('web without PORT, or with feedback that is not configured, says what is missing', async () => {
  const port = await run('web')
  const feedback = await run('web', { PORT: '1', PIO_ENABLE_FEEDBACK: 'true' })

  assert.deepEqual([port.code, port.stdout], [1, ''])
  assert.match(port.stderr, /requires environment variable PORT/)
  assert.deepEqual([feedback.code, feedback.stdout], [1, ''])
  assert.equal(feedback.stderr.match(/\(missing\)/g)?.length, 3)
})
