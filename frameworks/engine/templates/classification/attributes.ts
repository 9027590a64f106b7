import { defineEngine, firstServing } from '../../dase/define-engine.ts'
import type { AnyEngine } from '../../dase/engine.ts'
import type { EngineModule } from '../../dase/engine-module.ts'
import { type AnyEvaluation, defineEvaluation } from '../../dase/evaluation.ts'
import type { EngineParams } from '../../dase/variant.ts'
import { logisticRegression, naive, randomForest } from './algorithms.ts'
import { accuracy, precisionOf } from './measures.ts'
import { pointsDataSource, Query } from './points.ts'

const engine = defineEngine({
  query: Query,
  dataSource: pointsDataSource({
    attributes: ['attr0', 'attr1', 'attr2'],
    label: 'plan',
    answer: 'label',
  }),
  algorithms: { naive, randomforest: randomForest, logisticregression: logisticRegression },
  serving: firstServing,
})

const evaluations = {
  AccuracyEvaluation: defineEvaluation({ engine, metric: accuracy }),
  PrecisionEvaluation: defineEvaluation({ engine, metric: precisionOf(1) }),
  CompleteEvaluation: defineEvaluation({
    engine,
    metric: accuracy,
    otherMetrics: [precisionOf(0), precisionOf(1), precisionOf(2)],
    outputPath: 'best.json',
  }),
}

/** PredictionIO's classification template: `attr0`, `attr1`, `attr2` → `plan`, by naive Bayes. */
export const attributesTemplate: EngineModule = {
  name: 'the classification template',
  engine: engine as unknown as AnyEngine,
  evaluations: evaluations as unknown as Record<string, AnyEvaluation>,
  paramsLists: {
    EngineParamsList: (dataSourceParams) =>
      [10, 100, 1000].map((lambda) => params(dataSourceParams, { lambda })),
  },
  engineParams: {},
  plugins: [],
}

const params = (
  dataSourceParams: Readonly<Record<string, unknown>>,
  algorithmParams: object,
): EngineParams => ({
  dataSource: { name: '', params: { ...dataSourceParams, evalK: 5 } },
  preparator: { name: '', params: {} },
  algorithms: [{ name: 'naive', params: algorithmParams }],
  serving: { name: '', params: {} },
})
