import type { AddressInfo } from 'node:net'
import { bindEngine } from '../../frameworks/engine/dase/params.ts'
import { createRandom, normal } from '../../frameworks/engine/algorithms/random.ts'
import { openFiles } from '../../frameworks/engine/files/open-files.ts'
import type { Deployment } from '../../frameworks/engine/query-server/deployment.ts'
import { createQueryServer } from '../../frameworks/engine/query-server/server.ts'
import { recommendationTemplate } from '../../frameworks/engine/templates/recommendation/template.ts'

// A query server with a made-up model of 100,000 items, in a process of its own; prints its port.
const [USERS, ITEMS, RANK] = [1000, 100_000, 10]

const params = {
  dataSource: { name: '', params: { appName: 'bench' } },
  preparator: { name: '', params: {} },
  algorithms: [{ name: 'als', params: { rank: RANK } }],
  serving: { name: '', params: {} },
}
const bound = bindEngine(recommendationTemplate.engine, params)
const now = new Date()

function makeDeployment(seed: number): Deployment {
  const random = createRandom(seed)
  const factors = (count: number) =>
    Float32Array.from({ length: count * RANK }, () => normal(random))
  return {
    instance: {
      id: String(seed),
      status: 'COMPLETED',
      startTime: now,
      endTime: now,
      engineId: 'bench',
      engineVersion: '',
      engineVariant: 'default',
      engineFactory: 'bench',
      batch: '',
      details: {
        env: {},
        sparkConf: {},
        dataSourceParams: '{}',
        preparatorParams: '{}',
        algorithmsParams: '[]',
        servingParams: '{}',
      },
    },
    bound,
    models: [
      {
        rank: RANK,
        users: factors(USERS),
        items: factors(ITEMS),
        userIndexes: new Map(Array.from({ length: USERS }, (_, n) => [String(n), n])),
        itemIds: Array.from({ length: ITEMS }, (_, n) => `i${n}`),
      },
    ],
    context: {
      events: {} as Deployment['context']['events'],
      files: openFiles({}),
      env: {},
      log: () => {},
    },
  }
}

let seed = 1
const app = createQueryServer({
  deployment: makeDeployment(seed),
  reload: async () => makeDeployment(++seed),
  stop: () => process.exit(0),
  serverKey: undefined,
  plugins: [],
  feedback: undefined,
  address: 'bench',
  onError: (_deployment, message) => console.error(message),
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.((app.server.address() as AddressInfo).port)
