import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { collect, createWorkbench, newApp, type Workbench } from '../testing.ts'

let bench: Workbench
before(async () => {
  bench = await createWorkbench()
})
after(() => bench[Symbol.asyncDispose]())

const words = (line: string | undefined) => (line ?? '').split(/\s+/)

test('a new app is printed with its id and key, in lines that scripts parse', async () => {
  const { code, stdout, stderr } = await bench.pio(['app', 'new', 'first', '--description', 'd'])

  assert.deepEqual([code, stderr], [0, ''])
  const key = /Access Key: ([\w-]{64})$/m.exec(stdout)?.[1]
  assert.equal(
    stdout,
    `[INFO] [App$] Initialized Event Store for this app ID: 1.
[INFO] [App$] Created a new app:
[INFO] [App$]       Name: first
[INFO] [App$]         ID: 1
[INFO] [App$] Access Key: ${key}
`,
  )
})

test('a second app of the name is refused, and an id that is taken', async () => {
  const again = await bench.pio(['app', 'new', 'first'])
  const id = await bench.pio(['app', 'new', '--id', '1', 'other'])

  assert.deepEqual(
    [again.code, again.stdout],
    [1, '[ERROR] [App$] App first already exists. Aborting.\n'],
  )
  assert.match(id.stdout, /App ID 1 already exists and maps to the app 'first'\. Aborting\./)
  assert.equal(id.code, 1)
})

test('the list has name, id, key and events where scripts count them', async () => {
  await bench.pio(['accesskey', 'new', 'first', 'view', 'buy', '--key', 'limited'])

  const { stdout } = await bench.pio(['app', 'list'])

  const lines = stdout.trimEnd().split('\n').slice(1, -1)
  assert.equal(words(lines[0])[8], '(all)')
  assert.deepEqual(words(lines[1]).slice(2), ['first', '|', '1', '|', 'limited', '|', 'buy,view'])
  assert.match(stdout, / {16}Name \| {3}ID \| {55}Access Key \| Allowed Event\(s\)\n/)
  assert.match(stdout, /Finished listing 1 app\(s\)\.\n$/)
})

test('show has id, description, key and channels where scripts count them', async () => {
  await bench.pio(['app', 'channel-new', 'first', 'mobile'])

  const { stdout } = await bench.pio(['app', 'show', 'first'])

  const lines = stdout.split('\n')
  assert.equal(words(lines[1])[4], '1')
  assert.equal(words(lines[2])[3], 'd')
  assert.equal(words(lines[3])[4]?.length, 64)
  assert.match(stdout, /Channels: {5}Channel Name \| Channel ID \n.* {10}mobile \| {10}1\n/)
  assert.equal(/id:\s+(\w+)/i.exec(stdout)?.[1], '1')
})

test('what does not exist is reported with exit code 1', async () => {
  for (const args of [
    ['app', 'show', 'nope'],
    ['app', 'delete', 'nope', '-f'],
    ['accesskey', 'new', 'nope'],
  ]) {
    const { code, stdout } = await bench.pio(args)

    assert.equal(code, 1)
    assert.match(stdout, /App nope does not exist\. Aborting\./)
  }
})

test('channel names are checked', async () => {
  const bad = await bench.pio(['app', 'channel-new', 'first', 'no_underscore'])
  const twice = await bench.pio(['app', 'channel-new', 'first', 'mobile'])

  assert.match(bad.stdout, /The channel name no_underscore is invalid\./)
  assert.match(bad.stdout, /Only alphanumeric and - characters are allowed and max length is 16\./)
  assert.match(twice.stdout, /Channel mobile already exists\./)
  assert.deepEqual([bad.code, twice.code], [1, 1])
})

test('names that are words of JavaScript are names like others', async () => {
  const made = await bench.pio(['app', 'new', 'constructor'])
  const unknown = await bench.pio(['__proto__'])

  assert.equal(made.code, 0, made.stderr)
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, "Error: Unknown command '__proto__'\nTry 'pio help'.\n"],
  )
})

test('a question that no one answers is no', async () => {
  const shell = `'${join(import.meta.dirname, '../bin/pio')}' app delete first < /dev/null`
  const { code, stdout } = await collect(
    spawn('sh', ['-c', shell], { env: bench.env, stdio: 'pipe' }),
  )

  assert.equal(code, 0)
  assert.match(stdout, /Channels: {5}Channel Name \| Channel ID \n[^]*Aborted\.\n$/)
})

test('deleting asks, and anything but YES leaves all as it was', async () => {
  await newApp(bench, 'doomed')

  const no = await bench.pio(['app', 'delete', 'doomed'], { input: 'yes\n' })
  const end = await bench.pio(['app', 'delete', 'doomed'])
  const still = await bench.pio(['app', 'show', 'doomed'])
  const yes = await bench.pio(['app', 'delete', 'doomed'], { input: 'YES\n' })
  const gone = await bench.pio(['app', 'show', 'doomed'])

  assert.match(no.stdout, /Enter 'YES' to proceed: .*Aborted\./)
  assert.deepEqual([no.code, end.code, still.code, yes.code, gone.code], [0, 0, 0, 0, 1])
  assert.match(yes.stdout, /Removed access key [\w-]{64}\n.*Deleted app doomed\.\n.*Done\.\n$/)
})

test('data of one channel, of the default one, or of all is deleted', async () => {
  const forced = (...args: string[]) =>
    bench.pio(['app', 'data-delete', 'first', '--force', ...args])

  assert.match((await forced()).stdout, /default channel only.*\n[^]*for the app ID: 1\n.*Done\./)
  const channel = (await forced('--channel', 'mobile')).stdout
  assert.match(channel, /Channel Name: mobile\n.* Channel ID: 1\n/)
  assert.match(channel, /Initialized Event Store for the channel ID: 1/)
  const all = (await forced('--all')).stdout
  assert.match(all, /for the channel ID: 1\n[^]*for the app ID: 1/)
  const unknown = await forced('--channel', 'x')
  assert.match(unknown.stdout, /Unable to delete data for channel\.\n.*Channel x doesn't exist\./)
  assert.equal(unknown.code, 1)
})

test('access keys are listed and deleted, an unknown one, too', async () => {
  const list = await bench.pio(['accesskey', 'list', 'first'])
  const gone = await bench.pio(['accesskey', 'delete', 'limited'])
  const unknown = await bench.pio(['accesskey', 'delete', 'limited'])

  assert.match(list.stdout, / {57}limited \| {6}1 \| buy,view\n/)
  assert.match(list.stdout, /Finished listing 2 access key\(s\)\./)
  assert.deepEqual([gone.code, unknown.code], [0, 0])
  assert.match(unknown.stdout, /Deleted access key limited\./)
})

test('an unknown option is reported on standard error, with the help of the command', async () => {
  const { code, stdout, stderr } = await bench.pio(['app', 'new', '--nope', 'x'])

  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^Error: Unknown option --nope\nUsage: pio app new <name>/)
})

test('options may stand anywhere, also before the command', async () => {
  const { code } = await bench.pio(['--verbose', 'app', '--description', 'd', 'new', 'anywhere'])

  assert.equal(code, 0)
})

test('help lists every command, and the usage of each', async () => {
  const all = await bench.pio(['help'])
  const one = await bench.pio(['help', 'import'])
  const none = await bench.pio(['help', 'nope'])

  assert.equal(all.code, 0)
  assert.match(all.stdout, /^ {2}batchpredict {2}Answers all queries of a file/m)
  assert.match(one.stdout, /^Usage: pio import --appid/)
  assert.deepEqual([none.code, none.stderr], [1, 'Help is unavailable for nope.\n'])
})

test('the version is bare', async () => {
  assert.equal((await bench.pio(['version'])).stdout, '0.14.0\n')
})

test('status says that all stores work, or which one does not, without its password', async () => {
  const good = await bench.pio(['status'])
  const bad = await bench.pio(['status'], {
    env: {
      PIO_STORAGE_REPOSITORIES_METADATA_SOURCE: 'PGSQL',
      PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE: 'PGSQL',
      PIO_STORAGE_REPOSITORIES_MODELDATA_SOURCE: 'PGSQL',
      PIO_STORAGE_SOURCES_PGSQL_TYPE: 'jdbc',
      PIO_STORAGE_SOURCES_PGSQL_URL: 'jdbc:postgresql://127.0.0.1:1/pio',
      PIO_STORAGE_SOURCES_PGSQL_USERNAME: 'pio',
      PIO_STORAGE_SOURCES_PGSQL_PASSWORD: 'very-secret',
    },
  })

  assert.equal(good.code, 0)
  for (const line of [
    'PredictionIO 0.14.0',
    'Meta Data Backend (Source: PGSQL)',
    'Model Data Backend (Source: PGSQL)',
    'Event Data Backend (Source: PGSQL)',
    'Your system is all ready to go.',
  ]) {
    assert.ok(good.stdout.includes(line), line)
  }
  assert.equal(bad.code, 1)
  assert.match(bad.stdout, /Unable to connect to all storage backends successfully\./)
  assert.match(bad.stdout, /Source Name: PGSQL; Type: jdbc; Configuration: /)
  assert.doesNotMatch(bad.stdout, /very-secret/)
})

test('a database that cannot be reached is named without its password, and what to check', async () => {
  const { code, stdout } = await bench.pio(['app', 'list'], {
    env: { DATABASE_URL: 'postgres://pio:very-secret@127.0.0.1:1/pio' },
  })

  assert.equal(code, 1)
  assert.match(stdout, /connect ECONNREFUSED 127\.0\.0\.1:1/)
  assert.match(stdout, /Configuration: URL -> postgres:\/\/pio:\*+@127\.0\.0\.1:1\/pio/)
  assert.match(stdout, /Check that the database runs and that DATABASE_URL is right\./)
})

test('what is no longer supported says so', async () => {
  const upgrade = await bench.pio(['upgrade'])
  const template = await bench.pio(['template', 'get', 'x'])

  assert.match(upgrade.stdout, /Upgrade is no longer supported/)
  assert.match(template.stdout, /Please use git to get and manage your templates\./)
  assert.deepEqual([upgrade.code, template.code], [1, 1])
})

test('configuration errors are counted in the exit code', async () => {
  const { code, stdout } = await bench.pio(['app', 'list'], {
    env: {
      PIO_STORAGE_REPOSITORIES_METADATA_NAME: 'pio_meta',
      PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE: 'NOPE',
      PIO_STORAGE_REPOSITORIES_MODELDATA_SOURCE: 'NOPE',
    },
  })

  assert.match(stdout, /Required repository \(METADATA\) configuration is missing\./)
  assert.match(stdout, /There were 2 configuration errors\. Exiting\./)
  assert.equal(code, 2)
})
