import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually, startPlatform, type TestPlatform } from './platform.ts'
import { ENGINE_BUILDPACK, instanceOf, post, query, unpackEngine, UP_MS_MAX } from './queries.ts'

/** The document "Deploy PredictionIO to Heroku", typed from top to bottom with the official CLI. */
const names = { ENGINE_NAME: 'my-engine', EVENTSERVER_NAME: 'my-new-engine-eventserver' }
const { ENGINE_NAME: app, EVENTSERVER_NAME: eventServer } = names
let platform: TestPlatform
let folder: string

before(async () => {
  platform = await startPlatform()
  folder = await unpackEngine(platform, 'phone-plans')
  await cp(
    join(import.meta.dirname, '../../examples/engine-classification/data'),
    join(folder, 'data'),
    { recursive: true },
  )
})
after(async () => await platform.stop())

const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder, env: names })
const setting = async (name: string, of = app): Promise<string> =>
  (await type(`heroku config:get ${name} --app ${of}`)).trim()
const light = { voice_usage: 12, data_usage: 0, text_usage: 4 }
const heavy = { voice_usage: 450, data_usage: 432, text_usage: 390 }

async function writeTemplate(min: string): Promise<void> {
  await writeFile(join(folder, 'template.json'), JSON.stringify({ pio: { version: { min } } }))
}

/** Changes a parameter of the first algorithm in engine.json. */
async function setParameter(params: Record<string, number>): Promise<void> {
  const file = join(folder, 'engine.json')
  const engine = JSON.parse(await readFile(file, 'utf8')) as Engine
  Object.assign(engine.algorithms[0]?.params ?? {}, params)
  await writeFile(file, JSON.stringify(engine, undefined, 2))
}
type Engine = { algorithms: { params: Record<string, unknown> }[] }

test('create the app: the buildpack is shown under its own address', async () => {
  await type('git init && heroku create $ENGINE_NAME')
  await type(`heroku buildpacks:set ${ENGINE_BUILDPACK}`)

  assert.match(await type('heroku buildpacks'), new RegExp(ENGINE_BUILDPACK))
  assert.match(await type('git remote -v'), /heroku\s+https:\/\/localhost:\d+\/my-engine\.git/)
})

test('provision the database: a release attaches it', async () => {
  await type('heroku addons:create heroku-postgresql:hobby-dev')

  await type('heroku addons:wait')

  assert.match(await setting('DATABASE_URL'), /^postgres:\/\/[^:]+:[^@]+@127\.0\.0\.1:\d+\//)
  assert.match(await type('heroku releases'), /Attach DATABASE/)
})

test('optional persistent filesystem: a bucket whose variables begin with PIO_S3', async () => {
  await type('heroku addons:create bucketeer --as PIO_S3 --wait')

  for (const name of ['BUCKET_NAME', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    assert.notEqual(await setting(`PIO_S3_${name}`), '', name)
  }
})

test('template.json: a version before 0.11 is refused with the reason', async () => {
  await type(
    'heroku config:set PIO_EVENTSERVER_APP_NAME=heroku-app PIO_EVENTSERVER_ACCESS_KEY=$RANDOM-$RANDOM-$RANDOM-$RANDOM-$RANDOM-$RANDOM',
  )
  await writeTemplate('0.10.0-incubating')
  await type('git add . && git commit -qm "An engine of old"')

  const { code, stderr } = await platform.attempt('git push heroku master', { cwd: folder })

  assert.notEqual(code, 0)
  assert.match(stderr, /specified in template\.json \(0\.10\.0-incubating\) is not compatible/)
  assert.equal((await platform.get(app)).status, 502)
})

test('deploy to Heroku: the push builds, loads, trains and serves', async () => {
  await writeTemplate('0.11.0-incubating')
  await type('git add . && git commit -m "Initial PIO engine"')
  const logs = platform.background(`heroku logs -t --app ${app}`, { cwd: folder })

  const printed = await type('git push heroku master')
  const answers = [await query(platform, app, light), await query(platform, app, heavy)]

  assert.match(printed, /PredictionIO app detected/)
  assert.match(printed, /build\.sbt is not used/)
  assert.match(printed, /Using default Procfile for engine/)
  assert.match(printed, /Importing events for training to App ID 1/)
  assert.match(printed, /Training completed successfully/)
  assert.deepEqual(answers, [{ service_plan: 0 }, { service_plan: 7 }])
  await logs.until(/app\[web\.1\]: .*Engine is deployed and running/i)
  await logs.until(/heroku\[router\]: at=info method=POST path="\/queries\.json".*status=200/)
  await logs.stop()
})

test('scale up: sizes stick and memory settings follow them', async () => {
  await type(`heroku ps:scale \\
    web=1:Standard-2X \\
    release=0:Performance-L \\
    train=0:Performance-L`)

  const sizes = await type('heroku ps:type')
  assert.match(sizes, /web\s+Standard-2X/)
  assert.match(sizes, /release\s+Performance-L/)
  assert.match(
    await type('heroku run train'),
    /Autoset Spark memory params for training: --driver-memory 13g/,
  )
  assert.match(
    await type(`heroku run 'echo $WEB_MEMORY $PIO_SPARK_OPTS' --size Standard-2X`),
    /1024 --driver-memory 768m/,
  )
})

test('manual training: the restarted app picks up the new model', async () => {
  const old = await eventually(async () => await instanceOf(platform, app), UP_MS_MAX)

  await type('heroku run train')
  assert.equal(await instanceOf(platform, app), old)
  await type('heroku restart')

  await eventually(async () => {
    const now = await instanceOf(platform, app)
    return now === undefined || now === old ? undefined : now
  }, UP_MS_MAX)
  assert.deepEqual(await query(platform, app, light), { service_plan: 0 })
})

test('a release short of memory fails and the old version serves; the retry succeeds', async () => {
  await type("heroku config:set PIO_TRAIN_SPARK_OPTS='--driver-memory 32m'")
  await setParameter({ numTrees: 10_000, maxDepth: 16 })
  await type('git commit -qam "A forest too large"')

  const failed = await platform.attempt('git push heroku master', { cwd: folder })
  const releases = await type('heroku releases')
  const answer = await query(platform, app, light)
  const served = await treesServed()
  const again = await platform.attempt('heroku releases:retry', { cwd: folder })
  await type('heroku config:unset PIO_TRAIN_SPARK_OPTS')
  const retried = await type('heroku releases:retry')

  assert.match(failed.stdout + failed.stderr, /ran out of memory \(limit 32 MB\)/)
  assert.match(releases, /Deploy [0-9a-f]+\s+release command failed/)
  assert.deepEqual(answer, { service_plan: 0 })
  assert.equal(served, '34')
  assert.match(again.stdout + again.stderr, /ran out of memory \(limit 32 MB\)/)
  assert.match(retried, /Training completed successfully/)
})

/** How large the forest is that answers queries, as the status page says. */
async function treesServed(): Promise<string | undefined> {
  return /numTrees[^0-9]+(\d+)/.exec((await platform.get(app)).text)?.[1]
}

test('evaluation: typed in a console, its best.json deploys as engine.json', async () => {
  const terminal = platform.background(
    `script -qec 'heroku run bash --size Performance-L' /dev/null`,
    { cwd: folder },
  )
  await terminal.until(/\$ $/, UP_MS_MAX)

  terminal.child.stdin?.write(
    'pio eval \\\n  org.template.classification.AccuracyEvaluation \\\n  org.template.classification.EngineParamsList \\\n  -- $PIO_SPARK_OPTS\n',
  )
  const printed = await terminal.until(/# engine params evaluated: 128[^]*\$ $/, 4 * 60_000)
  terminal.child.stdin?.write('cat best.json; exit\n')
  const shown = await terminal.until(/\{\r*\n {2}"id"[^]*?\r*\n\}\r*\n/)
  await terminal.stop()
  await writeFile(join(folder, 'engine.json'), shown.replaceAll('\r', ''))
  await type('git commit -qam "Best parameters"')
  const pushed = await type('git push heroku master')

  assert.match(printed, /Accuracy: 0\.9/)
  assert.match(pushed, /Engine org\.template\.classification\.AccuracyEvaluation\$ is Heroku's/)
  assert.deepEqual(await query(platform, app, heavy), { service_plan: 7 })
})

test('deploy the eventserver: a second app of the same repository shares the store', async () => {
  await type(`heroku create $EVENTSERVER_NAME
    heroku buildpacks:set ${ENGINE_BUILDPACK} --app $EVENTSERVER_NAME
    heroku config:set PIO_RUN_AS_EVENTSERVER=true --app $EVENTSERVER_NAME
    heroku git:remote --app $EVENTSERVER_NAME --remote heroku-eventserver`)
  const info = await type('heroku addons:info heroku-postgresql --app $ENGINE_NAME')
  const id = /postgresql-[a-z]+-\d{5}/.exec(info)?.[0]
  await type(`heroku addons:attach ${id} --app $EVENTSERVER_NAME`)
  assert.equal(await setting('PIO_ELASTICSEARCH_URL'), '')
  await type(
    'heroku config:set PIO_EVENTSERVER_HOSTNAME=$EVENTSERVER_NAME.herokuapp.com --app $ENGINE_NAME',
  )

  const pushed = await type('git push heroku-eventserver master')

  assert.match(pushed, /Using eventserver Procfile/)
  assert.doesNotMatch(pushed, /Training completed/)
  assert.equal(await setting('DATABASE_URL', eventServer), await setting('DATABASE_URL'))
  const path = `/events.json?accessKey=${await setting('PIO_EVENTSERVER_ACCESS_KEY')}&limit=-1`
  const events = await eventually(async () => {
    const found = await platform.get(eventServer, path)
    return found.status === 200 ? (JSON.parse(found.text) as object[]) : undefined
  }, UP_MS_MAX)
  assert.equal(events.length, 214)
})

test('an event sent to the eventserver is seen by the engine, also from this machine', async () => {
  const path = `/events.json?accessKey=${await setting('PIO_EVENTSERVER_ACCESS_KEY')}`
  const customer = {
    event: '$set',
    entityType: 'user',
    entityId: 'new',
    properties: { ...light, service_plan: 0 },
  }
  const created = await post(platform, eventServer, path, customer)

  const setUp = await type(
    `heroku config --shell --app $ENGINE_NAME | grep -E '^(DATABASE_URL|PIO_EVENTSERVER_)' > .env && '${LOCAL_SETUP}'`,
  )
  const listed = await type('bin/pio app show heroku-app')
  const users = await type(`source bin/dotenv && pio-shell \\
  --with-spark \\
  --jars PredictionIO-dist/lib/pio-assembly-0.11.0-SNAPSHOT.jar,PredictionIO-dist/lib/postgresql_jdbc.jar <<'SHELL'
import org.apache.predictionio.data.store.PEventStore
const users = await PEventStore.aggregateProperties({ appName: 'heroku-app', entityType: 'user' })
users.size
SHELL`)

  assert.equal(created.status, 201)
  assert.match(setUp, /Ready\. Use bin\/pio/)
  assert.match(listed, /App ID: 1/)
  assert.match(users, /Environment loaded/)
  assert.match(users, /--with-spark has no effect here/)
  assert.match(users, /^214$/m)
})

const LOCAL_SETUP = join(import.meta.dirname, '../../frameworks/engine/buildpack/bin/local/setup')

test('predictions are fed back to that eventserver when it is enabled', async () => {
  await type('heroku config:set PIO_ENABLE_FEEDBACK=true --app $ENGINE_NAME')
  const path = `/events.json?accessKey=${await setting('PIO_EVENTSERVER_ACCESS_KEY')}&entityType=pio_pr`

  const text = await eventually(async () => {
    await query(platform, app, light)
    const found = await platform.get(eventServer, path)
    return found.status === 200 ? found.text : undefined
  }, UP_MS_MAX)

  assert.match(text, /"event":"predict"/)
})

test('pre-release features: a SNAPSHOT is accepted and predicts in batches', async () => {
  await writeTemplate('0.11.0-SNAPSHOT')
  await type('echo \'{"voice_usage":12,"data_usage":0,"text_usage":4}\' > batchpredict-input.json')
  await type(
    'heroku config:set PIO_VERBOSE=true PIO_MAVEN_REPO=https://repo.example.com --app $ENGINE_NAME',
  )
  await type('git add . && git commit -qm Snapshot')

  const pushed = await type('git push heroku master')
  const printed = await type(
    `heroku run --app $ENGINE_NAME 'pio batchpredict && cat batchpredict-output.json/part-*'`,
  )

  assert.match(pushed, /pio build --verbose/)
  assert.match(pushed, /PIO_MAVEN_REPO has no effect here/)
  assert.match(printed, /"prediction":\{"service_plan":0(\.0)?\}/)
})

test('configuration: another variant and a pio-env.sh of the engine take effect', async () => {
  await type('heroku config:unset PIO_VERBOSE PIO_MAVEN_REPO --app $ENGINE_NAME')
  await type(`mkdir -p config && cat > config/pio-env.sh <<'CONFIG'
PIO_STORAGE_REPOSITORIES_METADATA_NAME=pio_meta
PIO_STORAGE_REPOSITORIES_METADATA_SOURCE=PGSQL
PIO_STORAGE_REPOSITORIES_EVENTDATA_NAME=pio_event
PIO_STORAGE_REPOSITORIES_EVENTDATA_SOURCE=PGSQL
PIO_STORAGE_REPOSITORIES_MODELDATA_NAME=pio_model
PIO_STORAGE_REPOSITORIES_MODELDATA_SOURCE=S3
PIO_STORAGE_SOURCES_PGSQL_TYPE=jdbc
PIO_STORAGE_SOURCES_S3_TYPE=s3
PIO_STORAGE_SOURCES_S3_BUCKET_NAME=$PIO_S3_BUCKET_NAME
CONFIG
sed 's/"id": *"[^"]*"/"id": "best"/' engine.json > best.json`)
  await type(
    "heroku config:set PIO_TRAIN_ON_RELEASE=false PIO_OPTS='--variant best.json' --app $ENGINE_NAME",
  )
  await type('git add . && git commit -qm "Models in S3"')

  const pushed = await type('git push heroku master')
  const trained = await type('heroku run train --app $ENGINE_NAME')
  await type('heroku restart --app $ENGINE_NAME')

  assert.match(pushed, /Skipping train on release\./)
  assert.match(trained, /Training completed successfully/)
  const stored = await listBucket()
  await eventually(async () => {
    const instance = await instanceOf(platform, app)
    return instance !== undefined && stored.includes(`<Key>${instance}<`) ? true : undefined
  }, UP_MS_MAX)
  assert.deepEqual(await query(platform, app, heavy), { service_plan: 7 })
})

/** One-off dynos have the config vars of the release before until the release phase is over. */
const released = (): Promise<true> =>
  eventually(async () => {
    const [newest] = JSON.parse(await type('heroku releases -n 1 --json --app $ENGINE_NAME')) as {
      status: string
    }[]
    return newest?.status === 'succeeded' ? true : undefined
  }, UP_MS_MAX)

/** What is in the bucket, asked as any S3 client would. */
async function listBucket(): Promise<string> {
  const bucket = await setting('PIO_S3_BUCKET_NAME')
  const key = await setting('PIO_S3_AWS_ACCESS_KEY_ID')
  const secret = await setting('PIO_S3_AWS_SECRET_ACCESS_KEY')
  const endpoint = await setting('PIO_S3_ENDPOINT')
  return await type(
    `curl -s --aws-sigv4 aws:amz:us-east-1:s3 --user '${key}:${secret}' -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' '${endpoint}/${bucket}?list-type=2'`,
  )
}

test('Spark configuration: memory is a limit, what needs Spark is reported', async () => {
  const train = async () => {
    await released()
    return platform.attempt('heroku run --exit-code --app my-engine train', { cwd: folder })
  }
  await type(`heroku config:unset PIO_OPTS --app $ENGINE_NAME
    heroku config:set --app $ENGINE_NAME \\
      PIO_SPARK_OPTS='--executor-memory 1536m --driver-memory 1g' \\
      PIO_TRAIN_SPARK_OPTS='--executor-memory 10g --driver-memory 4g'`)
  const memory = await train()
  const served = await type("heroku run --app $ENGINE_NAME 'echo opts: $PIO_SPARK_OPTS'")
  await type(`heroku config:set --app $ENGINE_NAME \\
      PIO_TRAIN_SPARK_OPTS='--master spark://my-master.example.com:7077' \\
      PIO_SPARK_OPTS='--master spark://my-master.example.com:7077'`)
  const cluster = await train()
  await type(
    `heroku config:set --app $ENGINE_NAME PIO_TRAIN_SPARK_OPTS="--driver-java-options '-Dcom.amazonaws.services.s3.enableV4'"`,
  )
  const java = await train()
  await type('heroku config:unset PIO_SPARK_OPTS PIO_TRAIN_SPARK_OPTS --app $ENGINE_NAME')

  assert.match(memory.stdout, /Training gets 4096 MB of memory\./)
  assert.doesNotMatch(memory.stdout, /Autoset/)
  assert.match(served, /opts: --executor-memory 1536m --driver-memory 1g/)
  assert.match(cluster.stdout, /Spark cluster spark:\/\/my-master\.example\.com:7077 is not part/)
  assert.match(java.stdout, /--driver-java-options has no effect here/)
  assert.deepEqual([memory.code, cluster.code, java.code], [0, 1, 0])
})

test("testing: an engine's own tests run in their own app, as app.json says", async () => {
  await writeFile(
    join(folder, 'usage.test.ts'),
    `import { withMeans } from '@hokku/engine'
import assert from 'node:assert/strict'
import { test } from 'node:test'
test('usage has means', (): void => assert.equal(withMeans([1000, 10, 10]).at(-1), 340))
`,
  )
  await type('git add . && git commit -qm Tests')
  const passed = await type('hokku ci:run')
  const scripts = { 'test-setup': 'pio status', test: 'echo $DATABASE_URL | cut -c1-11; exit 4' }
  const addons = ['heroku-postgresql', { plan: 'bucketeer', as: 'PIO_S3' }]
  const environments = { test: { addons, scripts } }
  await writeFile(join(folder, 'app.json'), JSON.stringify({ environments }))
  await type('git add . && git commit -qm Manifest')
  const failed = await platform.attempt('hokku ci:run', { cwd: folder })

  assert.match(passed, /Running test command `bin\/test of PredictionIO`/)
  assert.match(passed, /pass 1/)
  assert.match(passed, /Test run of [0-9a-f]{7} succeeded/)
  assert.match(failed.stdout, /Your system is all ready to go\.[^]*\npostgres:\/\/\n/)
  assert.match(failed.stdout, /Test run of [0-9a-f]{7} failed: test command .* exit status 4/)
  assert.equal(failed.code, 1)
  assert.doesNotMatch(await type('heroku apps'), /ci-/)
})

test('Elasticsearch that is not there is refused with what to do', async () => {
  const addon = await platform.attempt(
    'heroku addons:create bonsai --version 5.1 --as PIO_ELASTICSEARCH --app $ENGINE_NAME',
    { cwd: folder, env: names },
  )
  await type(
    'heroku config:set PIO_ELASTICSEARCH_URL=https://search.example.com --app $ENGINE_NAME',
  )

  const { stdout, stderr } = await platform.attempt(`heroku run --app ${app} pio status`, {
    cwd: folder,
  })

  assert.match(addon.stdout + addon.stderr, /HOKKU_ELASTICSEARCH_URL names none/)
  assert.match(stdout + stderr, /Unset PIO_ELASTICSEARCH_URL/)
})
