import { createRandom, normal } from '../../frameworks/engine/algorithms/random.ts'
import { bindEngine } from '../../frameworks/engine/dase/params.ts'
import { openFiles } from '../../frameworks/engine/files/open-files.ts'
import type { Deployment } from '../../frameworks/engine/query-server/deployment.ts'
import { recommendationTemplate } from '../../frameworks/engine/templates/recommendation/template.ts'

export const FACTORY = 'org.example.recommendation.RecommendationEngine'
const [USERS, ITEMS, RANK] = [1000, 100_000, 10]

const dataSource = { appName: 'bench' }
const als = { rank: RANK }
const bound = bindEngine(recommendationTemplate.engine, {
  dataSource: { name: '', params: dataSource },
  preparator: { name: '', params: {} },
  algorithms: [{ name: 'als', params: als }],
  serving: { name: '', params: {} },
})

/** A recommender of 100,000 items whose factors are random. */
export function makeDeployment(seed: number): Deployment {
  const random = createRandom(seed)
  const now = new Date()
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
      engineFactory: FACTORY,
      batch: '',
      details: {
        env: {},
        sparkConf: {},
        dataSourceParams: JSON.stringify({ '': dataSource }),
        preparatorParams: '{"":{}}',
        algorithmsParams: JSON.stringify([{ als }]),
        servingParams: '{"":{}}',
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
      engineDirectory: '.',
      env: {},
      log: () => {},
    },
  }
}
