import { defineEngine, firstServing } from '../../dase/define-engine.ts'
import { randomForest } from './algorithms.ts'
import { classificationTemplate } from './classification-template.ts'
import { pointsDataSource, Query } from './points.ts'

/** All 128 combinations that the original tries. */
const FORESTS = [5, 8, 13, 21, 34, 55, 89, 144].flatMap((numTrees) =>
  ['gini', 'entropy'].flatMap((impurity) =>
    [2, 4, 8, 16].flatMap((maxDepth) =>
      [100, 1000].map((maxBins) => ({ numTrees, impurity, maxDepth, maxBins })),
    ),
  ),
)

/** Heroku's classification example: usage of voice, data and text → service plan, by random forest. */
export const servicePlanTemplate = classificationTemplate({
  name: "Heroku's classification template",
  engine: defineEngine({
    query: Query,
    dataSource: pointsDataSource({
      attributes: ['voice_usage', 'data_usage', 'text_usage'],
      label: 'service_plan',
      answer: undefined,
    }),
    algorithms: { randomforest: randomForest },
    serving: firstServing,
  }),
  algorithm: 'randomforest',
  candidates: FORESTS.map((forest) => ({
    numClasses: 8,
    featureSubsetStrategy: 'auto',
    ...forest,
  })),
})
