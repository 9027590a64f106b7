import { request } from 'node:http'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  collect,
  createWorkbench,
  fixture,
  newApp,
  postJson,
  type RunOptions,
  type Workbench,
} from '../testing.ts'

let bench: Workbench
before(async () => {
  bench = await createWorkbench()
  await importRatings('shop')
  await importClassification('points')
})
after(() => bench[Symbol.asyncDispose]())

const write = (path: string, text: string): string => {
  const file = join(bench.directory, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  return file
}

async function importEvents(app: string, events: readonly object[]): Promise<void> {
  const { id } = await newApp(bench, app)
  const file = write(`${app}.json`, events.map((event) => JSON.stringify(event)).join('\n'))
  const { code, stdout } = await bench.pio(['import', '--appid', id, '--input', file])
  assert.equal(code, 0, stdout)
}

const importRatings = (app: string) =>
  importEvents(
    app,
    readFileSync(fixture('data/sample_movielens_data.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const [user, item, rating] = line.split('::')
        return {
          event: 'rate',
          entityType: 'user',
          entityId: user,
          targetEntityType: 'item',
          targetEntityId: item,
          properties: { rating: Number(rating) },
        }
      }),
  )

const importClassification = (app: string) =>
  importEvents(
    app,
    readFileSync(fixture('data/data.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line, at) => {
        const [plan, attributes = ''] = line.split(',')
        const [attr0, attr1, attr2] = attributes.split(' ').map(Number)
        return {
          event: '$set',
          entityType: 'user',
          entityId: String(at + 1),
          properties: { plan: Number(plan), attr0, attr1, attr2 },
        }
      }),
  )

let folders = 0
function newEngine(
  variant: object,
  files: Record<string, string> = {},
): RunOptions & { cwd: string } {
  const folder = `engine${++folders}`
  write(`${folder}/engine.json`, JSON.stringify({ id: 'default', ...variant }))
  for (const [name, text] of Object.entries(files)) write(`${folder}/${name}`, text)
  return { cwd: join(bench.directory, folder) }
}

const recommendation = (appName: string) => ({
  engineFactory: 'org.example.recommendation.RecommendationEngine',
  datasource: { params: { appName } },
  algorithms: [{ name: 'als', params: { rank: 10, numIterations: 20, lambda: 0.01, seed: 3 } }],
})
const classification = {
  engineFactory: 'org.example.classification.ClassificationEngine',
  datasource: { params: { appName: 'points' } },
  algorithms: [{ name: 'naive', params: { lambda: 10 } }],
}

const train = async (engine: RunOptions, ...more: string[]) => bench.pio(['train', ...more], engine)
const deploy = (engine: RunOptions, ...more: string[]) =>
  bench.start(['deploy', '--ip', '127.0.0.1', '--port', '0', ...more], engine)

test('a recommendation template is built twice, trained, and recommends', async () => {
  const engine = newEngine(recommendation('shop'))

  const builds = [await bench.pio(['build'], engine), await bench.pio(['build'], engine)]
  const trained = await train(engine)
  await using server = await deploy(engine)
  const { status, json } = await postJson(`${server.url}/queries.json`, { user: 1, num: 5 })

  assert.deepEqual(
    builds.map(({ code }) => code),
    [0, 0],
  )
  assert.match(builds[0]?.stdout ?? '', /Your engine is ready for training\.\n$/)
  assert.match(trained.stdout, /Training completed successfully\.\n$/)
  const { itemScores } = json as { itemScores: { item: string; score: number }[] }
  assert.deepEqual([status, itemScores.length], [200, 5])
  const scores = itemScores.map(({ score }) => score)
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  )
  const unknown = await postJson(`${server.url}/queries.json`, { user: 'nobody', num: 5 })
  assert.deepEqual(unknown.json, { itemScores: [] })
})

test('queries of the wrong shape are refused with what is missing; no content type is needed', async () => {
  const engine = newEngine(recommendation('shop'))
  await train(engine)
  await using server = await deploy(engine)
  const post = async (body: string) => {
    const response = await fetch(`${server.url}/queries.json`, {
      method: 'POST',
      body: Buffer.from(body),
    })
    return [response.status, await response.text()] as const
  }

  const missing = await post('{"num": 3}')
  const broken = await post('{"user": ')
  const lenient = await post('{"user": "1" "num": 2,}')
  const large = await statusOfDeclared(`${server.url}/queries.json`, 9_000_000)

  assert.equal(missing[0], 400)
  assert.match(missing[1], /No usable value for user\\nDid not find value/)
  assert.equal(broken[0], 400)
  assert.equal(lenient[0], 200)
  assert.equal(large, 413)
  assert.equal((await fetch(`${server.url}/reload`)).status, 405)
})

/** What a server answers to a body of which it has seen the length and the first bytes only. */
function statusOfDeclared(url: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': bytes }
    const call = request(url, { method: 'POST', headers, agent: false }, (response) => {
      resolve(response.statusCode)
      call.destroy()
    })
    call.on('error', reject)
    call.write('{"user": "')
  })
}

test('the status page names what is deployed', async () => {
  const engine = newEngine(recommendation('shop'))
  await train(engine)
  await using server = await deploy(engine)
  await postJson(`${server.url}/queries.json`, { user: '1', num: 5 })

  const page = await (await fetch(server.url)).text()

  assert.match(
    page,
    /<title>org\.example\.recommendation\.RecommendationEngine \(default\) - PredictionIO Engine Server at 127\.0\.0\.1:0<\/title>/,
  )
  assert.match(page, /Request Count<\/th><td>1</)
  assert.match(page, /\d\.\d{4} seconds/)
})

test('a reload under load swaps the model and fails no query', async () => {
  const engine = newEngine(recommendation('shop'))
  await train(engine)
  await using server = await deploy(engine)
  const instanceId = async () =>
    /Instance ID<\/th><td>([^<]+)/.exec(await (await fetch(server.url)).text())?.[1]
  const before = await instanceId()
  await train(engine)
  let isRunning = true
  const statuses: number[] = []
  const load = Array.from({ length: 8 }, async () => {
    while (isRunning) {
      statuses.push((await postJson(`${server.url}/queries.json`, { user: '1', num: 5 })).status)
    }
  })

  // The load is under way, however slow the machine is.
  while (statuses.length <= 10) await sleep(10)
  const reload = await fetch(`${server.url}/reload`, { method: 'POST' })
  isRunning = false
  await Promise.all(load)

  assert.deepEqual([reload.status, await reload.text()], [200, 'Reloading...'])
  assert.notEqual(await instanceId(), before)
  assert.deepEqual(new Set(statuses), new Set([200]))
})

test('the server key guards reload and stop; undeploy sends it', async () => {
  const engine = newEngine(recommendation('shop'))
  await train(engine)
  const guarded = { ...engine, env: { PIO_SERVER_ACCESS_KEY: 'key' } }
  const server = await deploy(guarded)
  const { port } = new URL(server.url)

  const unauthorized = await fetch(`${server.url}/stop`, { method: 'POST' })
  const without = await bench.pio(['undeploy', '--ip', '127.0.0.1', '--port', port])
  const undeployed = await bench.pio(['undeploy', '--ip', '127.0.0.1', '--port', port], guarded)
  await server.ended

  assert.equal(unauthorized.status, 401)
  assert.match(without.stdout, /Another process is using .*\. Unable to undeploy\./)
  assert.deepEqual([without.code, undeployed.code], [1, 0])
  const again = await bench.pio(['undeploy', '--ip', '127.0.0.1', '--port', port])
  assert.match(again.stdout, /Nothing at http:\/\/127\.0\.0\.1/)
})

test('training works from another folder, and on nothing it fails with the reason', async () => {
  const engine = newEngine(recommendation('shop'))
  const elsewhere = ['--engine-dir', engine.cwd]
  await newApp(bench, 'empty')

  const trained = await bench.pio(['train', ...elsewhere])
  const nothing = await train(newEngine(recommendation('empty')))
  const unknown = await train(newEngine(recommendation('nope')))
  const untrained = await bench.pio(['deploy', '--port', '0'], newEngine(recommendation('shop')))

  assert.equal(trained.code, 0)
  await using server = await bench.start(['deploy', '--port', '0', ...elsewhere])
  assert.ok(server.url)
  assert.equal(nothing.code, 1)
  assert.match(
    nothing.stdout,
    /ratings in TrainingData cannot be empty\. Please check if DataSource/,
  )
  assert.match(unknown.stdout, /Invalid app name nope/)
  assert.match(untrained.stdout, /No valid engine instance found for engine org\.example/)
  assert.match(untrained.stdout, /Try running 'train' before 'deploy'\. Aborting\./)
})

test('training that runs out of memory says so, is recorded as failed, and serves nothing', async () => {
  const engine = newEngine(
    { engineFactory: 'mine', algorithms: [{ name: 'greedy', params: {} }] },
    {
      'engine.ts': `import { defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
        export default defineEngine({
          query: z.object({}),
          dataSource: defineDataSource({ params: z.object({}), read: () => 1 }),
          algorithms: { greedy: defineAlgorithm({ params: z.object({}),
            train: (one: number) => { const all: object[] = []; for (;;) all.push({ one, n: all.length }) },
            predict: () => 1 }) },
        })`,
    },
  )

  const { code, stdout } = await train(engine, '--', '--driver-memory', '64m')
  const deployed = await bench.pio(['deploy', '--port', '0'], engine)

  assert.equal(code, 1)
  assert.match(stdout, /Training failed\. The process ran out of memory \(limit 64 MB\)/)
  assert.equal(deployed.code, 1)
})

test('arrays of numbers, which lie outside of the heap, count for the memory limit', async () => {
  const engine = newEngine(
    ...engineThat(`const all: Float64Array[] = []
    for (let n = 0; n < 50; n++) all.push(new Float64Array(2_000_000).fill(n))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000)
    return all.length`),
  )

  const { code, stdout } = await train(engine, '--', '--driver-memory', '64m')

  assert.equal(code, 1)
  assert.match(stdout, /Training failed\. The process ran out of memory \(limit 64 MB\)/)
})

test('a training that computes without pause can be interrupted, and is recorded as failed', async () => {
  const engine = newEngine(...engineThat(`console.log('computing'); for (;;);`))
  const child = spawn(PIO, ['train'], { cwd: engine.cwd, env: bench.env, stdio: 'pipe' })
  const ended = collect(child)
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    if (String(chunk).includes('computing')) break
  }

  child.kill('SIGTERM')
  const { code, stdout } = await ended
  const deployed = await bench.pio(['deploy', '--port', '0'], engine)

  assert.equal(code, 1)
  assert.match(stdout, /Training failed\. It was interrupted\.\n$/)
  assert.match(deployed.stdout, /No valid engine instance found/)
  assert.match(deployed.stdout, /Its last training failed: It was interrupted\./)
})

const PIO = join(import.meta.dirname, '../bin/pio')

/** An engine of the user's own with this body of `train`. */
const engineThat = (body: string) =>
  [
    { engineFactory: 'mine', algorithms: [{ name: 'one', params: {} }] },
    {
      'engine.ts': `import { defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
        export default defineEngine({
          query: z.object({}),
          dataSource: defineDataSource({ params: z.object({}), read: () => 1 }),
          algorithms: { one: defineAlgorithm({ params: z.object({}),
            train: (): number => { ${body} }, predict: () => 1 }) },
        })`,
    },
  ] as const

test('stop flags end early, with exit code 0 and no model', async () => {
  const engine = newEngine(recommendation('shop'))

  const read = await train(engine, '--stop-after-read')
  const prepared = await train(engine, '-sap', '-ssc')

  assert.match(read.stdout, /Training interrupted by StopAfterReadInterruption\(\)\.\n$/)
  assert.match(prepared.stdout, /Data sanity check is off\.[^]*StopAfterPrepareInterruption\(\)/)
  assert.deepEqual([read.code, prepared.code], [0, 0])
  assert.equal((await bench.pio(['deploy', '--port', '0'], engine)).code, 1)
})

test('documented changes of the template: views, black list, items not trained on, disabled items', async () => {
  const view = (entityId: string, targetEntityId: string) => ({
    event: 'view',
    entityType: 'user',
    entityId,
    targetEntityType: 'item',
    targetEntityId,
  })
  const rate = { ...view('u1', 'rated'), event: 'rate', properties: { rating: 5 } }
  const seen = ['i1', 'i2', 'i3', 'i4', 'left'].flatMap((item) => [
    view('u1', item),
    view('u2', item),
  ])
  await importEvents('views', [...seen, view('u1', 'i1'), rate])
  const engine = newEngine(
    {
      ...recommendation('views'),
      datasource: { params: { appName: 'views', events: { view: 1 }, sum: true } },
      preparator: { params: { filepath: 'left.txt' } },
      algorithms: [{ name: 'als', params: { rank: 2, implicitPrefs: true, lamda: 1 } }],
      serving: { params: { filepath: 'disabled.txt' } },
    },
    { 'left.txt': 'left\n', 'disabled.txt': 'i4\n' },
  )

  const built = await bench.pio(['build'], engine)
  await train(engine)
  await using server = await deploy(engine)
  const ask = async (query: object) => {
    const { json } = await postJson(`${server.url}/queries.json`, query)
    return (json as { itemScores: { item: string }[] }).itemScores
      .map(({ item }) => item)
      .toSorted()
  }

  assert.match(built.stdout, /algorithm 'als' has no param lamda[^\n]*Did you mean lambda\?/)
  assert.deepEqual(await ask({ user: 'u1', num: 10 }), ['i1', 'i2', 'i3'])
  assert.deepEqual(await ask({ user: 'u1', num: 10, blackList: ['i2', 'nope'] }), ['i1', 'i3'])
})

/** Users 0–9 view items 0–9, users 10–19 items 10–19, each all but one; odd items are of category c1. */
async function importShop(app: string): Promise<void> {
  const numbers = Array.from({ length: 20 }, (_, at) => at)
  const set = (entityType: string, entityId: string, properties: object = {}) => ({
    event: '$set',
    entityType,
    entityId,
    properties,
  })
  const did = (event: string, user: string, item: number) => ({
    event,
    entityType: 'user',
    entityId: user,
    targetEntityType: 'item',
    targetEntityId: `i${item}`,
  })
  await importEvents(app, [
    ...numbers.map((at) => set('user', `u${at}`)),
    ...numbers.map((at) => set('item', `i${at}`, at % 2 === 1 ? { categories: ['c1'] } : {})),
    ...numbers.flatMap((user) =>
      numbers
        .filter((item) => item !== user && item < 10 === user < 10)
        .map((item) => did('view', `u${user}`, item)),
    ),
    did('view', 'someone without $set', 3),
    did('view', 'someone without $set', 15),
    ...[12, 12, 4].map((item) => did('buy', 'u1', item)),
    { ...set('constraint', 'unavailableItems', { items: ['i2'] }) },
  ])
}

const itemsOf = (json: unknown): string[] =>
  (json as { itemScores: { item: string }[] }).itemScores.map(({ item }) => item)
const group = (item: string): boolean => Number(item.slice(1)) < 10

test('similar products are of the same group, by factors and by co-occurrence, with all filters', async () => {
  await importShop('similar')
  for (const algorithm of [
    { name: 'als', params: { rank: 4, numIterations: 10, lambda: 0.01, seed: 3 } },
    { name: 'cooccurrence', params: { n: 20 } },
  ]) {
    const engine = newEngine({
      engineFactory: 'org.example.similarproduct.SimilarProductEngine',
      datasource: { params: { appName: 'similar' } },
      algorithms: [algorithm],
    })
    await train(engine)
    await using server = await deploy(engine)
    const ask = async (query: object): Promise<string[]> =>
      itemsOf((await postJson(`${server.url}/queries.json`, query)).json)

    const similar = await ask({ items: ['i0', 'i1'], num: 5 })
    assert.equal(similar.length, 5, algorithm.name)
    assert.ok(similar.every((item) => group(item) && item !== 'i0' && item !== 'i1'))
    const odd = await ask({ items: ['i0'], num: 4, categories: ['c1'], blackList: ['i3'] })
    assert.deepEqual(odd.toSorted(), ['i1', 'i5', 'i7', 'i9'])
    assert.deepEqual(await ask({ items: ['i0'], num: 9, whiteList: ['i8'] }), ['i8'])
    assert.deepEqual(await ask({ items: ['unknown'], num: 9 }), [])
  }
})

test('e-commerce: seen and unavailable items are left out, new users get what resembles or sells', async () => {
  await importShop('market')
  const engine = newEngine({
    engineFactory: 'org.example.ecommercerecommendation.ECommerceRecommendationEngine',
    datasource: { params: { appName: 'market' } },
    algorithms: [
      {
        name: 'ecomm',
        params: { appName: 'market', unseenOnly: true, seenEvents: ['buy', 'view'], rank: 4 },
      },
    ],
  })
  await train(engine)
  await using server = await deploy(engine)
  const ask = async (query: object): Promise<string[]> =>
    itemsOf((await postJson(`${server.url}/queries.json`, query)).json)

  const own = await ask({ user: 'u5', num: 3 })
  assert.equal(own[0], 'i5', 'the one item of the group that the user has not seen')
  assert.ok(!(await ask({ user: 'u2', num: 20 })).includes('i2'), 'unavailable')
  const recent = await ask({ user: 'someone without $set', num: 4 })
  assert.ok(!recent.includes('i3') && !recent.includes('i15'), 'seen')
  assert.deepEqual(await ask({ user: 'new', num: 2 }), ['i12', 'i4'], 'bought most')
  assert.deepEqual(await ask({ user: 'new', num: 1, categories: ['c1'] }), ['i1'])
})

for (const rating of ['"Infinity"', '1e39', '"0x1F"', '"ten"']) {
  test(`a rating of ${rating} fails the training with its event, and the model before stays`, async () => {
    const app = `poison${rating.replaceAll(/\W/g, '')}`
    const { id } = await newApp(bench, app)
    const event = `{"event":"rate","entityType":"user","entityId":"u","targetEntityType":"item","targetEntityId":"i","properties":{"rating":${rating}}}`
    await bench.pio(['import', '--appid', id, '--input', write(`${app}.json`, event)])

    const { code, stdout } = await train(newEngine(recommendation(app)))

    assert.equal(code, 1)
    assert.match(stdout, /Cannot convert the event rate of user u on item i to a Rating/)
  })
}

test("wrong params and unknown names are reported with the component's name", async () => {
  const wrong = newEngine({
    ...recommendation('shop'),
    algorithms: [{ name: 'als', params: { rank: 'ten' } }],
  })
  const unnamed = newEngine({ ...recommendation('shop'), algorithms: [{ name: 'x', params: {} }] })
  const factory = newEngine({ engineFactory: 'com.example.Nope' })
  const later = newEngine({ engineFactory: 'org.template.RecommendationEngine' })

  for (const engine of [wrong, unnamed]) assert.equal((await bench.pio(['build'], engine)).code, 1)
  assert.match((await train(wrong)).stdout, /params of the algorithm 'als' are not valid: rank: /)
  assert.match(
    (await train(unnamed)).stdout,
    /Unable to find algorithm class with name 'x' defined in Engine\./,
  )
  const unknown = (await train(factory)).stdout
  assert.match(unknown, /No template is known for the engine factory com\.example\.Nope/)
  assert.match(unknown, /org\.example\.recommendation\.RecommendationEngine/)
  assert.match((await train(later)).stdout, /universal recommender .* is not part of this version/)
})

test('naive Bayes is evaluated with the documented figures, and best.json deploys', async () => {
  const engine = newEngine(classification)
  const names = ['CompleteEvaluation', 'EngineParamsList'].map(
    (name) => `org.example.classification.${name}`,
  )

  const { code, stdout } = await bench.pio(
    ['eval', ...names, '--', '--driver-memory', '1g'],
    engine,
  )

  assert.equal(code, 0, stdout)
  // Folds by file order: 0.93464, 0.91503, 0.44444; precision(1) 0.88679, 0.79365, 0.37313.
  const results = [...stdout.matchAll(/MetricScores\(([\d.]+),List\([\d.]+, ([\d.]+)/g)].map(
    ([, accuracy, precision]) => [Number(accuracy).toFixed(5), Number(precision).toFixed(5)],
  )
  assert.deepEqual(results, [
    ['0.93464', '0.88679'],
    ['0.91503', '0.79365'],
    ['0.44444', '0.37313'],
  ])
  for (const line of [
    'runEvaluation started',
    'Iteration 2',
    'Writing best variant params to disk (best.json)...',
    '  # engine params evaluated: 3',
    'Optimal Engine Params:',
    '  Accuracy: 0.934640522875817',
    '  Precision(label = 1.0): 0.886792452830188',
    'The best variant params can be found in best.json',
    'runEvaluation completed',
  ]) {
    assert.ok(stdout.includes(line), line)
  }
  const best = JSON.parse(readFileSync(join(engine.cwd, 'best.json'), 'utf8'))
  assert.match(best.id, /^org\.example\.classification\.CompleteEvaluation\$ 20\d\d-/)
  assert.deepEqual(best.algorithms, [{ name: 'naive', params: { lambda: 10 } }])
  assert.equal((await train(engine, '--variant', 'best.json')).code, 0)
  await using server = await deploy(engine, '--variant', 'best.json')
  const query = { attr0: 50, attr1: 35, attr2: 12 }
  assert.deepEqual((await postJson(`${server.url}/queries.json`, query)).json, { label: 0 })
})

test('an engine.json that cannot be read stops an evaluation, too', async () => {
  const engine = newEngine(classification)
  write(`engine${folders}/engine.json`, '{"id": ')

  const { code, stdout } = await bench.pio(
    ['eval', 'org.example.classification.AccuracyEvaluation', 'EngineParamsList'],
    engine,
  )

  assert.equal(code, 1)
  assert.match(stdout, /engine\.json is not valid JSON/)
})

test('the recommendation evaluation runs over all its candidates', async () => {
  const engine = newEngine(recommendation('shop'))
  const names = ['RecommendationEvaluation', 'EngineParamsList'].map(
    (name) => `org.example.recommendation.${name}`,
  )

  const { code, stdout } = await bench.pio(['eval', ...names], engine)

  assert.equal(code, 0, stdout)
  assert.match(stdout, /# engine params evaluated: 9/)
  assert.match(stdout, /Precision@K \(k=10, threshold=4\.0\): 0\.\d+/)
  assert.match(stdout, /PositiveCount \(threshold=2\.0\): \d/)
  assert.equal(existsSync(join(engine.cwd, 'best.json')), false)
})

test('an unknown evaluation or list names those there are', async () => {
  const engine = newEngine(classification)

  const list = await bench.pio(['eval', 'org.example.classification.AccuracyEvaluation'], engine)
  const unknown = await bench.pio(['eval', 'org.example.classification.Nope', 'x'], engine)

  assert.match(list.stdout, /has no engine params in its code\.[^]*EngineParamsList/)
  assert.equal(unknown.code, 1)
})

test('batchpredict answers every line in order, and one bad line leaves nothing behind', async () => {
  const engine = newEngine(recommendation('shop'))
  await train(engine)
  const users = Array.from({ length: 200 }, (_, n) => String(n % 30))
  const queries = users.map((user) => JSON.stringify({ user, num: 2 }))
  write(`engine${folders}/batchpredict-input.json`, [...queries, '', '  '].join('\n'))

  const good = await bench.pio(['batchpredict'], engine)
  const again = await bench.pio(['batchpredict'], engine)
  write(`engine${folders}/bad.json`, [queries[0], '{"num": 1}'].join('\n'))
  const bad = await bench.pio(['batchpredict', '--input', 'bad.json', '--output', 'bad'], engine)
  await bench.pio(['batchpredict', '--output', 'three', '--query-partitions', '3'], engine)

  assert.equal(good.code, 0, good.stdout)
  const output = readFileSync(join(engine.cwd, 'batchpredict-output.json/part-00000'), 'utf8')
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ query }) => query.user),
    users,
  )
  assert.equal(lines[0].prediction.itemScores.length, 2)
  assert.match(again.stdout, /Output directory .* already exists/)
  assert.match(bad.stdout, /Line 2 could not be answered: No usable value for user/)
  assert.deepEqual([again.code, bad.code], [1, 1])
  assert.equal(existsSync(join(engine.cwd, 'bad')), false)
  assert.equal(readdirSync(join(engine.cwd, 'three')).length, 4)
})

test('predictions are fed back to the event server', async () => {
  const app = await newApp(bench, 'feedback')
  await using events = await bench.start(['eventserver', '--ip', '127.0.0.1', '--port', '0'])
  const engine = newEngine(classification)
  await train(engine)
  const { hostname, port } = new URL(events.url)
  const address = ['--event-server-ip', hostname, '--event-server-port', port]
  await using server = await deploy(engine, '--feedback', '--accesskey', app.accessKey, ...address)
  const query = { attr0: 50, attr1: 35, attr2: 12 }

  await postJson(`${server.url}/queries.json`, query)

  const fed = `${events.url}/events.json?accessKey=${app.accessKey}`
  let found: { entityType: string; entityId: string; properties: object }[] = []
  for (let attempt = 0; attempt < 50 && found.length === 0; attempt++) {
    const response = await fetch(fed)
    if (response.ok) found = (await response.json()) as typeof found
    else await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.equal(found[0]?.entityType, 'pio_pr')
  assert.match(found[0]?.entityId ?? '', /^[A-Za-z0-9]{64}$/)
  const { engineInstanceId, ...properties } = (found[0]?.properties ?? {}) as Record<
    string,
    unknown
  >
  assert.ok(engineInstanceId)
  assert.deepEqual(properties, { query, prediction: { label: 0 } })
})

test('feedback without a key stays off, and says so', async () => {
  const engine = newEngine(classification)
  await train(engine)
  await using server = await deploy(engine, '--feedback')

  assert.match(server.output(), /Feedback loop cannot be enabled because accessKey is empty\./)
})

test('pio template new makes an engine that trains and serves as it is', async () => {
  await bench.pio(['template', 'new', 'my-engine'])
  const { id } = await newApp(bench, 'my-engine')
  const engine = { cwd: join(bench.directory, 'my-engine') }
  await bench.pio(['import', '--appid', id, '--input', 'data/initial-events.json'], engine)

  const built = await bench.pio(['build'], engine)
  const trained = await train(engine)
  await using server = await deploy(engine)
  const { json } = await postJson(`${server.url}/queries.json`, { num: 1 })
  const batch = await postJson(`${server.url}/batch/queries.json`, [{ num: 2 }, { num: 'x' }])

  assert.equal(built.code, 0, built.stdout)
  assert.equal(trained.code, 0, trained.stdout)
  assert.equal((json as { itemScores: { item: string }[] }).itemScores[0]?.item, 'apple')
  assert.deepEqual(
    (batch.json as { status: number }[]).map(({ status }) => status),
    [200, 400],
  )
})

test('an algorithm may save its own model, or be trained again at deployment', async () => {
  const engine = newEngine(
    {
      engineFactory: 'mine',
      algorithms: [
        { name: 'saving', params: {} },
        { name: 'forgetful', params: {} },
      ],
      plugins: { double: { enabled: true, by: 3 } },
    },
    {
      'engine.ts': `import { averageServing, defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
        import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
        const common = { params: z.object({}), predict: (model: number, _q: object) => model }
        export const plugins = [{ kind: 'outputblocker', name: 'double', description: '',
          process: ({ prediction }, { by }) => prediction * by }]
        export default defineEngine({
          query: z.object({}),
          dataSource: defineDataSource({ params: z.object({}), read: () => 10 }),
          algorithms: {
            saving: defineAlgorithm({ ...common, train: (data: number) => data + 1,
              save: (model, { id, directory }) => { mkdirSync(directory, { recursive: true })
                writeFileSync(directory + '/' + id, String(model)); return true },
              load: ({ id, directory }) => Number(readFileSync(directory + '/' + id, 'utf8')) }),
            forgetful: defineAlgorithm({ ...common, train: (data: number) => data + 3, persistence: 'retrained' }),
          },
          serving: averageServing,
        })`,
    },
  )

  const trained = await train(engine)
  await using server = await deploy(engine)
  const { json } = await postJson(`${server.url}/queries.json`, {})

  assert.equal(trained.code, 0, trained.stdout)
  assert.match(server.output(), /Some persisted models are Unit, need to re-train\./)
  assert.match(server.output(), /Custom-persisted model detected for algorithm saving/)
  assert.equal(json, 36)
})
