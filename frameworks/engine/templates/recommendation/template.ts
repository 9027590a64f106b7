import { defineEngine } from '../../dase/define-engine.ts'
import type { AnyEngine } from '../../dase/engine.ts'
import type { EngineModule } from '../../dase/engine-module.ts'
import { type AnyEvaluation, defineEvaluation } from '../../dase/evaluation.ts'
import { als } from './als-algorithm.ts'
import { Query, ratingsDataSource } from './data-source.ts'
import { itemFilePreparator, itemFileServing } from './item-files.ts'
import { positiveCount, precisionAtK } from './measures.ts'

const engine = defineEngine({
  query: Query,
  dataSource: ratingsDataSource,
  preparator: itemFilePreparator,
  algorithms: { als },
  serving: itemFileServing,
})

const THRESHOLDS = [0, 2, 4]
const evaluations = {
  RecommendationEvaluation: defineEvaluation({
    engine,
    metric: precisionAtK(10, 4),
    otherMetrics: [
      positiveCount(4),
      precisionAtK(10, 2),
      positiveCount(2),
      precisionAtK(10, 1),
      positiveCount(1),
    ],
  }),
  ComprehensiveRecommendationEvaluation: defineEvaluation({
    engine,
    metric: precisionAtK(3, 2),
    otherMetrics: [
      ...THRESHOLDS.map(positiveCount),
      ...THRESHOLDS.flatMap((threshold) => [1, 3, 10].map((k) => precisionAtK(k, threshold))),
    ],
  }),
}

/** PredictionIO's recommendation template: `rate` and `buy` events → items, by explicit ALS. */
export const recommendationTemplate: EngineModule = {
  name: 'the recommendation template',
  engine: engine as unknown as AnyEngine,
  evaluations: evaluations as unknown as Record<string, AnyEvaluation>,
  paramsLists: {
    EngineParamsList: (dataSourceParams) =>
      [5, 10, 20].flatMap((rank) =>
        [1, 5, 10].map((numIterations) => ({
          dataSource: {
            name: '',
            params: { ...dataSourceParams, evalParams: { kFold: 5, queryNum: 10 } },
          },
          preparator: { name: '', params: {} },
          algorithms: [{ name: 'als', params: { rank, numIterations, lambda: 0.01, seed: 3 } }],
          serving: { name: '', params: {} },
        })),
      ),
  },
  engineParams: {},
  plugins: [],
}
