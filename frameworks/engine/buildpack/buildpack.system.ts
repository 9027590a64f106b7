import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  cleanEnv,
  collect,
  createWorkbench,
  fixture,
  postJson,
  type Workbench,
} from '../testing.ts'

/** The whole way of an engine through the buildpack, with the real pio on a real database. */
const PACK = import.meta.dirname
const ENGINE = join(PACK, '..')
const root = mkdtempSync(join(tmpdir(), 'hokku-buildpack-'))
const framework = join(root, 'framework')
let bench: Workbench

before(async () => {
  bench = await createWorkbench()
  mkdirSync(join(framework, 'node_modules'), { recursive: true })
  symlinkSync(process.execPath, join(framework, 'node'))
  symlinkSync(ENGINE, join(framework, 'engine'))
})
after(async () => {
  await bench[Symbol.asyncDispose]()
  rmSync(root, { recursive: true })
})

let count = 0
/** An app's folder with these files. */
function newTree(files: Record<string, string>): string {
  const tree = join(root, `app${++count}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(tree, path, '..'), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  mkdirSync(tree, { recursive: true })
  return tree
}

const program = (name: string, args: readonly string[], env: Record<string, string> = {}) =>
  collect(spawn(join(PACK, 'bin', name), args, { env: cleanEnv(env), stdio: 'pipe' }))

function compile(tree: string, config: Record<string, string> = {}) {
  const env = join(root, `env${count}`)
  rmSync(env, { recursive: true, force: true })
  mkdirSync(env)
  for (const [name, value] of Object.entries(config)) writeFileSync(join(env, name), value)
  return program('compile', [tree, join(root, 'cache'), env], { HOKKU_FRAMEWORK_DIR: framework })
}

/** A shell in the app, as a dyno would start it. */
const dyno = (tree: string, command: string, config: Record<string, string> = {}) =>
  collect(
    spawn('bash', ['-c', `for f in .profile.d/*.sh; do . "$f"; done; ${command}`], {
      cwd: tree,
      stdio: 'pipe',
      env: { ...cleanEnv({ HOME: tree, DYNO: 'run.1', MEMORY_AVAILABLE: '512' }), ...config },
    }),
  )

const template = (version: string) => JSON.stringify({ pio: { version: { min: version } } })
const forest = {
  name: 'randomforest',
  params: { numClasses: 8, numTrees: 34, impurity: 'gini', maxDepth: 4, maxBins: 100 },
}
/** As a best.json looks that was pasted into engine.json. */
const engineJson = JSON.stringify({
  id: 'org.template.classification.AccuracyEvaluation$ 2017-05-01T00:00:00.000Z',
  engineFactory: 'org.template.classification.AccuracyEvaluation$',
  datasource: { name: '', params: { appName: '$PIO_EVENTSERVER_APP_NAME', evalK: 5 } },
  preparator: { name: '', params: {} },
  algorithms: [forest],
  serving: { name: '', params: {} },
})
const engine = (version = '0.11.0-incubating') => ({
  'engine.json': engineJson,
  'template.json': template(version),
  'build.sbt': 'name := "x"',
})

test('detect knows an engine, says no where all buildpacks are asked, and yes when chosen', async () => {
  const tree = newTree(engine())
  const other = newTree({})
  const asked = { HOKKU_NODE: '/node' }

  const yes = { code: 0, stdout: 'PredictionIO\n', stderr: '' }
  assert.deepEqual(await program('detect', [tree]), yes)
  assert.deepEqual(await program('detect', [other]), yes)
  assert.deepEqual(await program('detect', [tree], asked), yes)
  assert.equal((await program('detect', [other], asked)).code, 1)
  assert.deepEqual(await program('detect', [other], { ...asked, HOKKU_BUILDPACK_SET: '1' }), yes)
})

test('the release asks for a database', async () => {
  const stdout = '---\naddons:\n  - heroku-postgresql\n'
  assert.deepEqual(await program('release', []), { code: 0, stdout, stderr: '' })
})

test('compile readies the engine, and pio status works in it', async () => {
  const tree = newTree({ ...engine(), 'data/initial-events.json': '' })

  const { code, stdout } = await compile(tree, { PIO_MAVEN_REPO: 'https://example.com' })

  assert.equal(code, 0, stdout)
  for (const name of ['load-data', 'release', 'train', 'web']) {
    assert.ok(existsSync(join(tree, `bin/heroku-buildpack-pio-${name}`)), name)
  }
  assert.match(
    readFileSync(join(tree, 'Procfile'), 'utf8'),
    /^web: bin\/heroku-buildpack-pio-web$/m,
  )
  assert.match(stdout, /Using default Procfile for engine/)
  assert.match(stdout, /PIO_MAVEN_REPO has no effect here/)
  assert.match(stdout, /Your engine is ready for training\./)
  const status = await dyno(tree, 'pio status', {
    DATABASE_URL: bench.databaseUrl,
    PIO_POSTGRES_OPTIONAL_SSL: 'true',
  })
  assert.equal(status.code, 0, status.stdout)
  assert.match(status.stdout, /PredictionIO 0\.14\.0/)
  assert.match(status.stdout, /Event Data Backend \(Source: PGSQL\)/)
  assert.match(status.stdout, /Your system is all ready to go/)
})

for (const version of ['0.11.0-SNAPSHOT', '0.12.0-incubating', '0.13.0', '0.14.0']) {
  test(`an engine for ${version} builds, and pio says that version`, async () => {
    const tree = newTree(engine(version))

    assert.equal((await compile(tree)).code, 0)
    assert.match((await dyno(tree, 'pio version')).stdout, new RegExp(`^${version}$`, 'm'))
  })
}

for (const version of ['0.10.0-incubating', '0.15.0', '1.0.0', 'nonsense']) {
  test(`an engine for ${version} is refused`, async () => {
    const { code, stderr } = await compile(newTree(engine(version)))

    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(`specified in template\\.json \\(${version}\\) is not compatible`),
    )
  })
}

test('Scala of no known template declines the build; a variable accepts it, and it stays visible', async () => {
  const tree = newTree({ ...engine(), 'src/main/scala/Engine.scala': 'object Engine' })

  const declined = await compile(tree)
  const accepted = await compile(tree, { PIO_ACCEPT_CHANGED_SCALA: 'true' })

  assert.equal(declined.code, 1)
  assert.match(declined.stdout, /src\/main\/scala\/Engine\.scala[^]*pio template new --from \./)
  assert.equal(accepted.code, 0)
  assert.match(accepted.stdout, /PIO_ACCEPT_CHANGED_SCALA is set[^]*Engine\.scala/)
})

test('an event server needs no engine, and an own Procfile is kept', async () => {
  const server = newTree(engine())
  const bare = newTree({})
  const own = newTree({ ...engine(), Procfile: 'web: mine\n' })

  const asServer = await compile(server, { PIO_RUN_AS_EVENTSERVER: 'true' })
  const withoutEngine = await compile(bare)
  await compile(own)

  assert.match(asServer.stdout, /Using eventserver Procfile/)
  assert.equal(
    readFileSync(join(server, 'Procfile'), 'utf8'),
    'web: pio eventserver --port ${PORT}\n',
  )
  assert.match(withoutEngine.stdout, /`pio` CLI is installed\. No engine to build\./)
  assert.equal(readFileSync(join(own, 'Procfile'), 'utf8'), 'web: mine\n')
})

test('memory fits the dyno, unless options say otherwise', async () => {
  const tree = newTree(engine())
  await compile(tree)
  const options = async (config: Record<string, string>) =>
    (await dyno(tree, 'echo "$PIO_SPARK_OPTS|$PIO_TRAIN_SPARK_OPTS"', config)).stdout.trimEnd()

  const small = await options({})
  const large = await options({ MEMORY_AVAILABLE: '14336', PIO_SPARK_OPTS: '--executor-memory 1g' })

  assert.match(small, /Autoset Spark memory params for web process: --driver-memory 384m\n/)
  assert.match(small, /--driver-memory 384m\|--driver-memory 384m$/)
  assert.match(large, /--executor-memory 1g\|--driver-memory 13g$/)
})

test('an unmodified template repository loads, trains at release and serves', async () => {
  const tree = newTree(engine())
  mkdirSync(join(tree, 'data'))
  cpSync(fixture('data/service-plan-events.json'), join(tree, 'data/initial-events.json'))
  await compile(tree)
  const config = {
    DATABASE_URL: bench.databaseUrl,
    PIO_POSTGRES_OPTIONAL_SSL: 'true',
    PIO_EVENTSERVER_APP_NAME: 'plans',
    PIO_EVENTSERVER_ACCESS_KEY: 'secret-key',
  }

  const release = await dyno(tree, 'bin/heroku-buildpack-pio-release', config)
  const again = await dyno(tree, 'bin/heroku-buildpack-pio-release', config)
  const byHand = await dyno(
    tree,
    'cd pio-engine/ && cp data/initial-events.json data/sync-events.json && pio import --appid 1 --input data/pio-engine/sync-events.json',
    config,
  )

  assert.equal(release.code, 0, release.stdout + release.stderr)
  assert.match(release.stdout, /Importing events for training to App ID 1\n/)
  assert.match(release.stdout, /Training completed successfully\./)
  assert.match(again.stdout, /Found 'plans' in the eventserver\. No data sync defined/)
  assert.equal(byHand.code, 0, byHand.stdout)
  const web = spawn(
    'bash',
    ['-c', 'for f in .profile.d/*.sh; do . "$f"; done; exec bin/heroku-buildpack-pio-web'],
    {
      cwd: tree,
      stdio: 'pipe',
      env: {
        ...cleanEnv({ HOME: tree, DYNO: 'web.1', MEMORY_AVAILABLE: '512' }),
        ...config,
        PORT: '0',
      },
    },
  )
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    web.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const port = /live at http:\/\/[\d.]+:(\d+)\./.exec(output)?.[1]
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
    })
    web.once('exit', () => reject(new Error(output)))
  })
  const { json } = await postJson(`${url}/queries.json`, {
    voice_usage: 12,
    data_usage: 0,
    text_usage: 4,
  })
  web.kill('SIGTERM')
  assert.deepEqual(json, { service_plan: 0 })
})

test("an engine's config/ is rendered and used; without a value it needs, no dyno runs", async () => {
  const tree = newTree({
    ...engine(),
    'config/pio-env.sh': 'PIO_MARK=from-file\n',
    'config/spark-defaults.conf.erb': "spark.driver.memory <%= ENV.fetch('MY_MEMORY') %>\n",
  })
  const built = await compile(tree)

  const good = await dyno(tree, 'cat .hokku/conf/spark-defaults.conf', { MY_MEMORY: '2g' })
  const missing = await dyno(tree, 'echo it runs')

  assert.equal(built.code, 0, built.stderr)
  assert.match(good.stdout, /spark\.driver\.memory 2g\n/)
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /config\/spark-defaults\.conf\.erb, line 1: MY_MEMORY is not set/)
  assert.doesNotMatch(missing.stdout, /it runs/)
})

test('a template of config/ that would run code fails the build with its line', async () => {
  const tree = newTree({ ...engine(), 'config/core-site.xml.erb': 'x\n<%= `id` %>\n' })

  const { code, stderr } = await compile(tree)

  assert.equal(code, 1)
  assert.match(stderr, /config\/core-site\.xml\.erb, line 2: = `id`/)
  assert.match(stderr, /The templates of config\/ cannot be used\./)
})

test('PIO_VERBOSE=true prints what will be trained', async () => {
  const { stdout } = await compile(newTree(engine()), { PIO_VERBOSE: 'true' })

  assert.match(stdout, /algorithm 'randomforest' \{"numClasses":8,"numTrees":34/)
  assert.match(stdout, /Evaluations: AccuracyEvaluation, PrecisionEvaluation, CompleteEvaluation/)
})

test("an engine's own tests run by bin/test, with @hokku/engine to import", async () => {
  const tree = newTree({
    ...engine(),
    'sum.test.ts': `import { z } from '@hokku/engine'
      import { test } from 'node:test'
      test('it adds', (): void => { z.literal(2).parse(1 + 1) })`,
  })
  await compile(tree)

  const { code, stdout } = await program('test', [tree])

  assert.equal(code, 0, stdout)
  assert.match(stdout, /pass 1/)
})

test('local setup reads .env anew, quotes and blanks included', async () => {
  const tree = newTree({ '.env': `# local\nPIO_A='two words'\nPIO_B=x=y # note\n`, ...engine() })
  const setup = await collect(
    spawn(join(PACK, 'bin/local/setup'), {
      cwd: tree,
      env: cleanEnv({ HOME: tree }),
      stdio: 'pipe',
    }),
  )

  const shell = await collect(
    spawn('bash', ['-c', '. bin/dotenv; echo "$PIO_A|$PIO_B"; command -v pio'], {
      cwd: tree,
      env: cleanEnv({ HOME: tree }),
      stdio: 'pipe',
    }),
  )
  const version = await collect(
    spawn(join(tree, 'bin/pio'), ['version'], { cwd: tree, env: cleanEnv({}), stdio: 'pipe' }),
  )

  assert.equal(setup.code, 0, setup.stderr)
  assert.match(
    shell.stdout,
    /Environment loaded 🚀\ntwo words\|x=y\n.*PredictionIO-dist\/bin\/pio\n/,
  )
  assert.equal(version.stdout, '0.11.0-incubating\n')
  assert.match(readFileSync(join(tree, '.gitignore'), 'utf8'), /^\.env$/m)
})
