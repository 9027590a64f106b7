import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { checkOutExample, eventually, startPlatform, type TestPlatform } from './platform.ts'

/** Walks 1 and 2: PredictionIO's Heroku documents, typed with the official CLI. */
const BUILDPACK = 'https://github.com/heroku/predictionio-buildpack'
let platform: TestPlatform
let engine: string
let recommender: string

before(async () => {
  platform = await startPlatform()
  engine = await checkOutExample(platform, 'engine-classification')
  recommender = await checkOutExample(platform, 'engine-recommendation')
})
after(async () => await platform.stop())

const type = (line: string, cwd = engine): Promise<string> => platform.sh(line, { cwd })

/** A query, as a client would send it; retried while the app comes up. */
const ask = (app: string, query: object): Promise<string> =>
  eventually(async () => {
    const answer = await platform.sh(
      `curl -s --fail-with-body -d '${JSON.stringify(query)}' -H 'Host: ${app}.localhost:${platform.port}' http://127.0.0.1:${platform.port}/queries.json || true`,
    )
    return answer.startsWith('{"service_plan"') || answer.startsWith('{"itemScores"')
      ? answer
      : undefined
  }, 120_000)
const light = { voice_usage: 12, data_usage: 0, text_usage: 4 }

test('an engine is created with the buildpack of the document and a database', async () => {
  await type(`heroku create plans`)
  await type(`heroku buildpacks:set ${BUILDPACK}`)
  await type('heroku addons:create heroku-postgresql:hobby-dev')
  await type(
    'heroku config:set PIO_EVENTSERVER_APP_NAME=heroku-app PIO_EVENTSERVER_ACCESS_KEY=$RANDOM-$RANDOM-$RANDOM-$RANDOM',
  )
  await type('heroku addons:wait')

  assert.match(await type('heroku buildpacks'), /predictionio-buildpack/)
})

test('git push loads the data, trains and serves', async () => {
  const printed = await type('git push heroku main')

  assert.match(printed, /PredictionIO app detected/)
  assert.match(printed, /Your engine is ready for training/)
  assert.match(printed, /Importing events for training to App ID 1/)
  assert.match(printed, /Training completed successfully/)
  assert.equal(JSON.parse(await ask('plans', light)).service_plan, 0)
})

test('a second release finds its data', async () => {
  await type('git commit -q --allow-empty -m again')

  assert.match(
    await type('git push heroku main'),
    /Found 'heroku-app' in the eventserver\. No data sync defined/,
  )
})

test('sizes of the process types stick', async () => {
  const printed = await type(
    'heroku ps:scale web=1:Standard-2X release=0:Performance-L train=0:Performance-L',
  )

  assert.match(printed, /web at 1:Standard-2X/)
  assert.match(await type('heroku ps:type'), /train\s+Performance-L/)
})

test('heroku run train and a restart serve a new model', async () => {
  const printed = await type('heroku run train')
  await type('heroku restart')

  assert.match(printed, /Training completed successfully/)
  assert.equal(JSON.parse(await ask('plans', light)).service_plan, 0)
})

test('pio works in a console: app show, status and a shell', async () => {
  const shown = await type(
    'heroku run "cd pio-engine/ && pio app show \\$PIO_EVENTSERVER_APP_NAME"',
  )
  const status = await type('heroku run pio status')
  const counted = await type(
    `heroku run "echo \\"(await PEventStore.find({ appName: 'heroku-app' })).length\\" | pio-shell"`,
  )

  assert.match(shown, /App ID: 1/)
  assert.match(counted, /^214\s*$/m)
  assert.match(status, /Your system is all ready to go/)
})

test('an event server of the same repository shares the store', async () => {
  await type('heroku create plans-events --no-remote')
  await type(`heroku buildpacks:set ${BUILDPACK} --app plans-events`)
  await type('heroku config:set PIO_RUN_AS_EVENTSERVER=true --app plans-events')
  await type('heroku git:remote --app plans-events --remote heroku-eventserver')
  const addon = /postgresql-[a-z]+-\d+/.exec(
    await type('heroku addons:info heroku-postgresql --app plans'),
  )?.[0]
  await type(`heroku addons:attach ${addon} --app plans-events`)
  const pushed = await type('git push heroku-eventserver main')
  const key = (await type('heroku config:get PIO_EVENTSERVER_ACCESS_KEY --app plans')).trim()

  const events = await eventually(async () => {
    const found = await platform.get('plans-events', `/events.json?accessKey=${key}&limit=3`)
    return found.status === 200 ? found : undefined
  }, 120_000)

  assert.match(pushed, /Using eventserver Procfile/)
  assert.equal(JSON.parse(events.text).length, 3)
})

test('predictions are fed back to that event server', async () => {
  await type('heroku config:set PIO_EVENTSERVER_HOSTNAME=plans-events.herokuapp.com --app plans')
  await type('heroku config:set PIO_ENABLE_FEEDBACK=true --app plans')
  const key = (await type('heroku config:get PIO_EVENTSERVER_ACCESS_KEY --app plans')).trim()

  const found = await eventually(async () => {
    await ask('plans', light)
    const path = `/events.json?accessKey=${key}&entityType=pio_pr`
    const answer = await platform.get('plans-events', path)
    return answer.status === 200 ? answer : undefined
  }, 120_000)

  assert.equal(JSON.parse(found.text)[0].event, 'predict')
})

test('pio eval in a console prints the best parameters, which deploy after a push', async () => {
  const eval1 =
    'pio eval org.template.classification.AccuracyEvaluation org.template.classification.EngineParamsList -- \\$PIO_SPARK_OPTS'

  const printed = await type(
    `heroku run --app plans --size Performance-L "${eval1} && echo BEST && cat best.json"`,
  )
  const best = /\nBEST\n(\{[^]*?\n\})/.exec(printed.replaceAll('\r', ''))?.[1] ?? ''
  await writeFile(join(engine, 'engine.json'), best)
  const pushed = await type('git commit -qam Best && git push heroku main')

  assert.match(printed, /# engine params evaluated: 128/)
  assert.match(pushed, /Engine org\.template\.classification\.AccuracyEvaluation\$ is Heroku's/)
  assert.match(pushed, /Training completed successfully/)
  assert.equal(JSON.parse(await ask('plans', light)).service_plan, 0)
})

test('a release that fails leaves the old one serving, and can be tried again', async () => {
  // Less than training takes at all.
  await type("heroku config:set PIO_TRAIN_SPARK_OPTS='--driver-memory 8m' --app plans")
  await type(`sed -i 's/"numTrees": [0-9]*/"numTrees": 100/' engine.json
    git commit -qam 'A larger forest'`)

  const failed = await platform.attempt('git push heroku main', { cwd: engine })
  const served = await ask('plans', light)
  await type('heroku config:unset PIO_TRAIN_SPARK_OPTS --app plans')
  const retried = await type('heroku releases:retry --app plans')

  assert.match(failed.stdout + failed.stderr, /--driver-memory is at least 32m, not '8m'/)
  assert.equal(JSON.parse(served).service_plan, 0)
  assert.match(retried, /Training completed successfully/)
})

test('a checkpoint is written and read back over the REST API', async () => {
  const key = (await type('heroku config:get PIO_EVENTSERVER_ACCESS_KEY --app plans')).trim()
  const checkpoint = {
    event: '$set',
    entityType: 'checkpoint',
    entityId: 'sync',
    properties: { lastUpdatedAt: '2017-04-14T18:12:20Z' },
    eventTime: '2017-04-14T18:12:20Z',
  }

  await platform.sh(
    `curl -sf -H 'Content-Type: application/json' -H 'Host: plans-events.localhost:${platform.port}' -d '${JSON.stringify(checkpoint)}' 'http://127.0.0.1:${platform.port}/events.json?accessKey=${key}'`,
  )
  const path = `/events.json?accessKey=${key}&entityType=checkpoint&entityId=sync&reversed=true&limit=1`
  const found = JSON.parse((await platform.get('plans-events', path)).text)

  assert.equal(found[0].properties.lastUpdatedAt, '2017-04-14T18:12:20Z')
  assert.equal(found[0].eventTime, '2017-04-14T18:12:20.000Z')
})

test('the recommendation example makes its events by a hook and recommends', async () => {
  await type('heroku create films', recommender)
  await type(`heroku buildpacks:set ${BUILDPACK}`, recommender)
  await type('heroku addons:create heroku-postgresql:hobby-dev --wait', recommender)
  await type(
    'heroku config:set PIO_EVENTSERVER_APP_NAME=films PIO_EVENTSERVER_ACCESS_KEY=films-key',
    recommender,
  )

  const printed = await type('git push heroku main', recommender)

  assert.match(printed, /Fetching data using script 'data\/create-initial-events'\./)
  const { itemScores } = JSON.parse(await ask('films', { user: '1', num: 4 }))
  assert.equal(itemScores.length, 4)
})

test('the hooks can be run by hand as the document types them', async () => {
  const lines = [
    'cd pio-engine/',
    './data/create-initial-events',
    'mv data/initial-events.json data/sync-events.json',
    'pio app show \\$PIO_EVENTSERVER_APP_NAME',
    'pio import --appid 1 --input data/pio-engine/sync-events.json',
  ].join(' && ')

  const printed = await type(`heroku run --size Performance-M "${lines}"`, recommender)

  assert.match(printed, /App ID: 1/)
  assert.match(printed, /1501 imported, 0 left out/)
})

test('batch predictions run in a one-off dyno', async () => {
  const lines = `printf '{\\"user\\":\\"1\\",\\"num\\":1}\\n' > batchpredict-input.json && pio batchpredict && cat batchpredict-output.json/part-*`

  const printed = await type(`heroku run "${lines}"`, recommender)

  assert.match(printed, /\{"query":\{"user":"1","num":1\},"prediction":\{"itemScores":\[\{"item":/)
})

test('a sync hook runs at later releases, after a purge if that is asked for', async () => {
  await type('heroku config:set PIO_PURGE_ON_SYNC=true', recommender)
  await type(
    `printf '#!/bin/sh\\ndata/create-initial-events && mv data/initial-events.json data/sync-events.json\\n' > data/create-sync-events
     chmod +x data/create-*-events && git add . && git commit -qm Sync`,
    recommender,
  )

  const printed = await type('git push heroku main', recommender)

  assert.match(printed, /Deleting existing event data, because `PIO_PURGE_ON_SYNC=true`/)
  assert.match(printed, /Syncing events for training to App ID 1/)
  assert.match(printed, /Training completed successfully/)
})
