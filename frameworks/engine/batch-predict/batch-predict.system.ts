import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createWorkbench, type Workbench } from '../testing.ts'

let bench: Workbench
before(async () => {
  bench = await createWorkbench()
})
after(async () => await bench[Symbol.asyncDispose]())

/** An engine that takes a millisecond a query, fails at -1, and says which thread has answered. */
const ENGINE = (persistence: string): string => `
import { defineAlgorithm, defineDataSource, defineEngine, z } from '@hokku/engine'
import { threadId } from 'node:worker_threads'
export default defineEngine({
  query: z.object({ n: z.int() }),
  dataSource: defineDataSource({ params: z.object({}), read: () => 7 }),
  algorithms: {
    slow: defineAlgorithm({
      params: z.object({}),
      persistence: '${persistence}',
      train: (seven: number) => ({ factor: seven, table: Float32Array.of(1, 2, 3) }),
      predict: (model, { n }: { n: number }) => {
        const untilMs = performance.now() + 1
        while (performance.now() < untilMs);
        if (n < 0) throw new Error('no number below zero')
        return { n: n * model.factor + (model.table[n % 3] ?? 0), threadId }
      },
    }),
  },
})`

/** A trained engine with a file of `count` queries, `bad` of which cannot be answered. */
async function newEngine(name: string, persistence: string, count: number, bad?: number) {
  const cwd = join(bench.directory, name)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'engine.ts'), ENGINE(persistence))
  writeFileSync(
    join(cwd, 'engine.json'),
    JSON.stringify({
      id: 'default',
      engineFactory: 'mine',
      algorithms: [{ name: 'slow', params: {} }],
    }),
  )
  const queries = Array.from({ length: count }, (_, n) => `{"n": ${n === bad ? -1 : n}}\n`)
  writeFileSync(join(cwd, 'batchpredict-input.json'), queries.join(''))
  const trained = await bench.pio(['train'], { cwd })
  assert.equal(trained.code, 0, trained.stdout)
  return { cwd }
}

type Answer = { query: { n: number }; prediction: { n: number; threadId: number } }

const answersIn = (cwd: string): Answer[] =>
  readFileSync(join(cwd, 'batchpredict-output.json/part-00000'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)

const QUERIES = 3000
const expected = Array.from({ length: QUERIES }, (_, n) => n * 7 + (n % 3) + 1)

test('a long file is answered by several threads, every line once and in its place', async (context) => {
  if (availableParallelism() < 2) return context.skip('this machine has one core')
  const engine = await newEngine('threads', 'stored', QUERIES)

  const { code, stdout } = await bench.pio(['batchpredict'], engine)

  assert.equal(code, 0, stdout)
  assert.match(stdout, /3000 queries answered/)
  const answers = answersIn(engine.cwd)
  assert.deepEqual(
    answers.map(({ query }) => query.n),
    expected.map((_, n) => n),
  )
  assert.deepEqual(
    answers.map(({ prediction }) => prediction.n),
    expected,
  )
  const threads = new Set(answers.map(({ prediction }) => prediction.threadId))
  assert.ok(threads.size > 2, `answered by ${threads.size} threads`)
})

test('a bad line far behind, met by a thread, is named and leaves nothing behind', async () => {
  const engine = await newEngine('bad', 'stored', QUERIES, 2500)

  const { code, stdout } = await bench.pio(['batchpredict'], engine)

  assert.equal(code, 1)
  assert.match(stdout, /Line 2501 could not be answered: no number below zero/)
  assert.equal(existsSync(join(engine.cwd, 'batchpredict-output.json')), false)
  assert.deepEqual(
    readdirSync(engine.cwd).filter((name) => name.endsWith('.batchpredict')),
    [],
  )
})

test('a model that is not kept as plain data is never copied to threads', async () => {
  const engine = await newEngine('retrained', 'retrained', 1000)

  const { code, stdout } = await bench.pio(['batchpredict'], engine)

  assert.equal(code, 0, stdout)
  const answers = answersIn(engine.cwd)
  assert.deepEqual(
    answers.map(({ prediction }) => prediction.n),
    expected.slice(0, 1000),
  )
  assert.deepEqual([...new Set(answers.map(({ prediction }) => prediction.threadId))], [0])
})
