import * as z from 'zod'
import {
  predictLogisticRegression,
  trainLogisticRegression,
} from '../../algorithms/logistic-regression.ts'
import {
  type LabeledPoint,
  predictNaiveBayes,
  trainNaiveBayes,
} from '../../algorithms/naive-bayes.ts'
import { predictRandomForest, trainRandomForest } from '../../algorithms/random-forest.ts'
import { defineAlgorithm } from '../../dase/define-engine.ts'
import { problem } from '../../problems.ts'
import { emptyData } from '../empty-data.ts'
import { featuresOf, type Points, type Prediction, type Query } from './points.ts'

export const naive = classifier(
  z.object({ lambda: z.number().min(0).default(1) }),
  (points, { lambda }) => trainNaiveBayes(points, lambda),
  predictNaiveBayes,
)

export const randomForest = classifier(
  z.object({
    numClasses: z.int().min(1),
    numTrees: z.int().min(1).max(10_000),
    featureSubsetStrategy: z.enum(['auto', 'all', 'sqrt', 'log2', 'onethird']).default('auto'),
    impurity: z.enum(['gini', 'entropy']).default('gini'),
    maxDepth: z.int().min(0).max(30),
    maxBins: z.int().min(2).max(65_535),
    /** Upstream seeds at random; ours trains the same model every time. */
    seed: z.int().default(1),
  }),
  trainRandomForest,
  predictRandomForest,
)

export const logisticRegression = classifier(
  z.object({
    regParam: z.number().min(0).default(0),
    maxIter: z.int().min(1).default(100),
    tolerance: z.number().min(0).default(1e-6),
  }),
  trainLogisticRegression,
  predictLogisticRegression,
)

/** An algorithm that answers a query with one label. */
function classifier<S extends z.ZodType, Model>(
  params: S,
  train: (points: readonly LabeledPoint[], params: z.infer<S>) => Model,
  predict: (model: Model, features: readonly number[]) => number,
) {
  return defineAlgorithm({
    params,
    train: ({ points, attributes, answer }: Points, given) => {
      if (points.length === 0) throw emptyData('labeledPoints in PreparedData')
      return { attributes, answer, model: trainOrExplain(() => train(points, given)) }
    },
    predict: ({ model, attributes, answer }, query: Query): Prediction => ({
      [answer]: predict(model, featuresOf(attributes, query)),
    }),
  })
}

/** Data that an algorithm cannot learn from is the user's to know, not a bug. */
function trainOrExplain<Model>(train: () => Model): Model {
  try {
    return train()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw problem('training_failed', error.message, { cause: error })
  }
}
