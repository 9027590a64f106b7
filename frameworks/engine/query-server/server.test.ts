import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { defineAlgorithm, defineDataSource, defineEngine } from '../dase/define-engine.ts'
import { bindEngine } from '../dase/params.ts'
import type { QueryServerPlugin } from '../dase/query-plugins.ts'
import { readEngineModule } from '../dase/engine-module.ts'
import type { Deployment } from './deployment.ts'
import { createQueryServer } from './server.ts'

const { engine } = readEngineModule(
  {
    default: defineEngine({
      query: z.object({ n: z.int() }),
      dataSource: defineDataSource({ params: z.object({}), read: () => 2 }),
      algorithms: {
        times: defineAlgorithm({
          params: z.object({}),
          train: (two: number) => two,
          predict: (factor: number, { n }: { n: number }) => ({ result: factor * n }),
        }),
      },
    }),
  },
  'engine.ts',
)

const deploymentOf = (id: string, factor: number): Deployment => ({
  instance: { id } as Deployment['instance'],
  bound: bindEngine(engine, {
    dataSource: { name: '', params: {} },
    preparator: { name: '', params: {} },
    algorithms: [{ name: 'times', params: {} }],
    serving: { name: '', params: {} },
  }),
  models: [factor],
  context: {} as Deployment['context'],
})

const BROKEN: QueryServerPlugin = {
  kind: 'outputsniffer',
  name: 'broken',
  description: 'Fails',
  process: () => Promise.reject(new Error('no')),
}

test('after a reload the failure of a plugin names the training that answered', async () => {
  const failures: string[] = []
  const app = createQueryServer({
    deployment: deploymentOf('old', 2),
    reload: async () => deploymentOf('new', 3),
    stop: () => {},
    serverKey: undefined,
    plugins: [{ plugin: BROKEN, params: {} }],
    feedback: undefined,
    address: 'here',
    onError: ({ instance }, message) => failures.push(`${instance.id}: ${message}`),
  })
  const ask = () => app.inject({ method: 'POST', url: '/queries.json', payload: '{"n": 5}' })

  const before = await ask()
  await app.inject({ method: 'POST', url: '/reload' })
  const after = await ask()
  await new Promise((resolve) => setImmediate(resolve))

  assert.deepEqual([before.json(), after.json()], [{ result: 10 }, { result: 15 }])
  assert.deepEqual(failures, [
    'old: The plugin broken failed: Error: no',
    'new: The plugin broken failed: Error: no',
  ])
})
