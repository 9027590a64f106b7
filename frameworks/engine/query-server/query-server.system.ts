import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { text } from 'node:stream/consumers'
import { createWorkbench, postJson, type Running, type Workbench } from '../testing.ts'
import { portOf } from '@hokku/kit/port-of'

let bench: Workbench
let server: Running
/** What was posted to `--log-url`. */
const posted: string[] = []
const logServer = createServer((request, response) => {
  void text(request).then((body) => {
    posted.push(body)
    response.end()
  })
})

const ENGINE = `
import { defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
export default defineEngine({
  query: z.object({ n: z.int() }),
  dataSource: defineDataSource({ params: z.object({}), read: () => 2 }),
  algorithms: {
    divide: defineAlgorithm({
      params: z.object({}),
      train: (two: number) => two,
      predict: (two, { n }: { n: number }) => {
        if (n === 0) throw new Error('a secret of the engine')
        return { result: two / n }
      },
    }),
  },
})`

before(async () => {
  bench = await createWorkbench()
  const cwd = join(bench.directory, 'engine')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'engine.ts'), ENGINE)
  writeFileSync(
    join(cwd, 'engine.json'),
    JSON.stringify({
      id: 'd',
      engineFactory: 'mine',
      algorithms: [{ name: 'divide', params: {} }],
    }),
  )
  const trained = await bench.pio(['train'], { cwd })
  assert.equal(trained.code, 0, trained.stdout)
  await new Promise<void>((resolve) => logServer.listen(0, '127.0.0.1', () => resolve()))
  const log = `http://127.0.0.1:${portOf(logServer)}/`
  const feedback = ['--feedback', '--accesskey', 'k', '--event-server-ip', '127.0.0.1']
  const options = ['--event-server-port', '1', '--log-url', log, '--log-prefix', 'hokku: ']
  const words = ['deploy', '--ip', '127.0.0.1', '--port', '0', ...feedback, ...options]
  server = await bench.start(words, { cwd })
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await bench[Symbol.asyncDispose]()
  logServer.close()
})

const ask = (query: unknown) => postJson(`${server.url}/queries.json`, query)

async function eventually<Value>(look: () => Value | undefined): Promise<Value> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('not seen within 5 s')
}

test('a query that fails inside answers 500 without its reason, which is logged with the query', async () => {
  const answer = await ask({ n: 0 })

  assert.deepEqual(
    [answer.status, answer.json],
    [500, { message: 'This query failed. It has been logged.' }],
  )
  const output = await eventually(() =>
    server.output().includes('secret') ? server.output() : undefined,
  )
  assert.match(output, /Query:\n.*\{"n":0\}\n.*Error: a secret of the engine/)
})

test('failed queries are posted to the log URL, with prefix and training', async () => {
  await ask({ n: 'x' })

  const body = await eventually(() => posted.find((one) => one.includes('No usable value')))
  assert.ok(body.startsWith('hokku: {'))
  const { engineInstance, message } = JSON.parse(body.slice('hokku: '.length)) as {
    engineInstance: Record<string, unknown>
    message: string
  }
  assert.match(message, /^Query:\n\{"n":"x"\}\nNo usable value for n\n/)
  assert.equal(engineInstance['status'], 'COMPLETED')
  assert.equal(engineInstance['engineFactory'], 'mine')
  assert.equal(engineInstance['algorithmsParams'], '[{"divide":{}}]')
})

test('only answered queries are counted on the status page, which names the event server', async () => {
  await ask({ n: 1 })
  await ask({ n: 0 })
  await ask({})
  await ask({ n: 4 })

  const page = await (await fetch(server.url)).text()

  for (const row of [
    'Request Count</th><td>2<',
    'Feedback Loop Enabled?</th><td>true<',
    'Event Server IP</th><td>127.0.0.1<',
    'Event Server Port</th><td>1<',
    'Training Start Time</th>',
    'Training End Time</th>',
    'Variant ID</th><td>d<',
    'Instance ID</th>',
    'Average Serving Time</th>',
    'Last Serving Time</th>',
    'Engine Factory Class</th><td>mine<',
  ]) {
    assert.ok(page.includes(row), row)
  }
})

test('an event server that is not there costs no answer, and is logged', async () => {
  const { status, json } = await ask({ n: 2 })

  assert.deepEqual([status, json], [200, { result: 1 }])
  await eventually(() => (server.output().includes('Feedback event failed.') ? true : undefined))
})

test('a batch answers each query, and only the failed ones say so', async () => {
  const { json } = await postJson(`${server.url}/batch/queries.json`, [{ n: 2 }, { n: 0 }, {}])

  const [answered, failed, wrong] = json as { status: number; message?: string }[]
  assert.deepEqual(answered, { status: 200, prediction: { result: 1 } })
  assert.deepEqual(failed, { status: 500, message: 'This query failed. It has been logged.' })
  assert.equal(wrong?.status, 400)
  assert.match(wrong?.message ?? '', /^No usable value for n\nDid not find value/)
})
