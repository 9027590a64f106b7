import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { isConstructed, type Pickled } from '../pickled.ts'
import { unsupported, type Attributes } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Build, Compiler } from './fitted.ts'
import { histogramValue, readHistogramTree, readKnownCategories } from './hist-gradient-tree.ts'
import { bothClasses, mapInPlace, requireWidth, sigmoid, softmaxRows } from './linear-algebra.ts'

/** HistGradientBoostingClassifier: takes NaN as it comes, categories by number or type. */
export const histGradientBoostingClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const raw = rawScores(estimator, build, classes.length > 2 ? classes.length : 1)
  const proba = (block: Block): Matrix => {
    const scores = raw.score(block)
    return classes.length > 2 ? softmaxRows(scores) : bothClasses(mapInPlace(scores, sigmoid))
  }
  return classifier(estimator, classes, proba, {
    decision: raw.score,
    sizes: { trees: raw.trees },
  })
}

/** HistGradientBoostingRegressor: counts and amounts come out through the exponential. */
export const histGradientBoostingRegressor: Compiler = (estimator, build) => {
  const raw = rawScores(estimator, build, 1)
  const isLog = ['poisson', 'gamma'].includes(estimator.text('loss', 'squared_error'))
  return {
    name: estimator.name,
    predict: (block) => {
      const { data } = raw.score(block)
      return isLog ? data.map((value) => Math.exp(value)) : data
    },
    sizes: { trees: raw.trees },
  }
}

type RawScores = Readonly<{ score: (block: Block) => Matrix; trees: number }>

function rawScores(estimator: Attributes, build: Build, outputs: number): RawScores {
  const features = estimator.numbers('n_features_in_', 'n_features_', '_n_features')[0]!
  const rounds = estimator.list('_predictors').map((round) => treesOf(estimator, round, features))
  if (rounds.some((round) => round.length !== outputs)) throw estimator.missing('_predictors')
  const baseline = estimator.numbers('_baseline_prediction')
  const known = readKnownCategories(estimator.get('_bin_mapper'))
  const prepare = preprocessor(estimator, build)
  const score = (block: Block): Matrix => {
    const x = toMatrix(prepare(block), 'any')
    requireWidth(x, features, estimator.name)
    const out = matrix(x.rows, outputs)
    for (let i = 0; i < out.data.length; i++) out.data[i] = baseline[i % outputs] ?? baseline[0]!
    for (const round of rounds) {
      for (let r = 0; r < x.rows; r++) {
        for (let k = 0; k < outputs; k++) {
          out.data[r * outputs + k]! += histogramValue(round[k]!, x.data, r * features, known)
        }
      }
    }
    return out
  }
  return { score, trees: rounds.length * outputs }
}

function treesOf(estimator: Attributes, round: Pickled, features: number) {
  if (!Array.isArray(round)) throw estimator.missing('_predictors')
  return round.map((tree) => readHistogramTree(tree, features))
}

/** Since 1.4 categorical columns are encoded first, and come first. */
function preprocessor(estimator: Attributes, build: Build): (block: Block) => Block {
  const value = estimator.get('_preprocessor')
  if (!isConstructed(value)) return (block) => block
  const transform = build.compile(value).transform
  if (transform === undefined) throw unsupported(estimator, 'with this preprocessor')
  return transform
}
