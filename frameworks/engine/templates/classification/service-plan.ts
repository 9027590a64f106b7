import { defineEngine, firstServing } from '../../dase/define-engine.ts'
import type { AnyEngine } from '../../dase/engine.ts'
import type { EngineModule } from '../../dase/engine-module.ts'
import { type AnyEvaluation, defineEvaluation } from '../../dase/evaluation.ts'
import type { EngineParams } from '../../dase/variant.ts'
import { randomForest } from './algorithms.ts'
import { accuracy, precisionOf } from './measures.ts'
import { pointsDataSource, Query } from './points.ts'

const engine = defineEngine({
  query: Query,
  dataSource: pointsDataSource({
    attributes: ['voice_usage', 'data_usage', 'text_usage'],
    label: 'service_plan',
    answer: undefined,
  }),
  algorithms: { randomforest: randomForest },
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

/** Heroku's classification example: usage of voice, data and text → service plan, by random forest. */
export const servicePlanTemplate: EngineModule = {
  name: "Heroku's classification template",
  engine: engine as unknown as AnyEngine,
  evaluations: evaluations as unknown as Record<string, AnyEvaluation>,
  paramsLists: { EngineParamsList: (dataSourceParams) => grid(dataSourceParams) },
  engineParams: {},
  plugins: [],
}

/** All 128 combinations that the original tries. */
function grid(dataSourceParams: Readonly<Record<string, unknown>>): EngineParams[] {
  const forests = [5, 8, 13, 21, 34, 55, 89, 144].flatMap((numTrees) =>
    ['gini', 'entropy'].flatMap((impurity) =>
      [2, 4, 8, 16].flatMap((maxDepth) =>
        [100, 1000].map((maxBins) => ({ numTrees, impurity, maxDepth, maxBins })),
      ),
    ),
  )
  return forests.map((forest) => ({
    dataSource: { name: '', params: { ...dataSourceParams, evalK: 5 } },
    preparator: { name: '', params: {} },
    algorithms: [
      {
        name: 'randomforest',
        params: { numClasses: 8, featureSubsetStrategy: 'auto', ...forest },
      },
    ],
    serving: { name: '', params: {} },
  }))
}
