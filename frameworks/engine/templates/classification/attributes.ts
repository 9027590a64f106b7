import { defineEngine, firstServing } from '../../dase/define-engine.ts'
import { logisticRegression, naive, randomForest } from './algorithms.ts'
import { classificationTemplate } from './classification-template.ts'
import { pointsDataSource, Query } from './points.ts'

/** PredictionIO's classification template: `attr0`, `attr1`, `attr2` → `plan`, by naive Bayes. */
export const attributesTemplate = classificationTemplate({
  name: 'the classification template',
  engine: defineEngine({
    query: Query,
    dataSource: pointsDataSource({
      attributes: ['attr0', 'attr1', 'attr2'],
      label: 'plan',
      answer: 'label',
    }),
    algorithms: { naive, randomforest: randomForest, logisticregression: logisticRegression },
    serving: firstServing,
  }),
  algorithm: 'naive',
  candidates: [10, 100, 1000].map((lambda) => ({ lambda })),
})
