import { Problem } from '@hokku/kit/problem'
import { Attributes } from '../estimators/attributes.ts'
import { namesAtFit } from '../estimators/column-transformer.ts'
import { dictNames } from '../estimators/dict-vectorizer.ts'
import { lightgbmNames } from '../estimators/lightgbm.ts'
import { xgboostNames, xgboostWidth } from '../estimators/xgboost.ts'
import { numberArray, numberOf } from '../numpy/array.ts'
import { isConstructed, type Constructed, type Pickled } from '../pickled.ts'

/** What an estimator takes, as far as its file knows. */
export type ModelInputs = Readonly<{
  /** Columns of the frame it was fitted on, by name. */
  names?: readonly string[]
  /** How many columns. */
  width?: number
  /** One text an observation. */
  isText?: boolean
}>

/** Names, number or kind of the columns that a fitted estimator takes. */
export function inputsOf(value: Pickled | undefined): ModelInputs {
  if (!isConstructed(value)) return {}
  const estimator = new Attributes(value)
  if (TEXT.test(estimator.name)) return { isText: true }
  const isDict = estimator.name === 'DictVectorizer'
  const names = attempt(() =>
    isDict ? dictNames(estimator) : (namesAtFit(estimator) ?? boosterNames(estimator)),
  )
  if (names !== undefined) return { names, width: names.length }
  const inner = innerOf(estimator)
  const ofInner = inner === undefined ? {} : inputsOf(inner)
  if (ofInner.names !== undefined || ofInner.isText === true) return ofInner
  const width = widthOf(estimator) ?? ofInner.width
  return width === undefined ? {} : { width }
}

/**
 * Names for the columns: those of the training, `text` for a text, else `x0`, `x1` … as scikit-learn
 * calls columns that had no names.
 */
export function inputNames({ names, width, isText }: ModelInputs): readonly string[] | undefined {
  if (names !== undefined) return names
  if (isText === true) return ['text']
  return width === undefined ? undefined : Array.from({ length: width }, (_, i) => `x${i}`)
}

const TEXT = /^(Count|Tfidf|Hashing)Vectorizer$/

/** XGBoost and LightGBM keep the names in their own format. */
function boosterNames(estimator: Attributes): string[] | undefined {
  if (estimator.module.startsWith('lightgbm')) return lightgbmNames(estimator)
  return estimator.module.startsWith('xgboost') ? xgboostNames(estimator) : undefined
}

/** The part that sees the observation first. */
function innerOf(estimator: Attributes): Pickled | undefined {
  const [first] = attempt(() => estimator.list('steps')) ?? []
  if (Array.isArray(first)) return first[1]
  const [member] = attempt(() => estimator.list('estimators_', 'calibrated_classifiers_')) ?? []
  return estimator.get('best_estimator_', 'estimator_', 'base_estimator', 'estimator') ?? member
}

function widthOf(estimator: Attributes): number | undefined {
  if (estimator.module.startsWith('xgboost')) return attempt(() => xgboostWidth(estimator))
  for (const name of ['n_features_in_', 'n_features_', '_n_features', '_n_features_in']) {
    const width = attempt(() => estimator.number(name))
    if (width !== undefined) return width
  }
  for (const name of COLUMN_WISE) {
    const shape = attempt(() => estimator.array(name).shape)
    if (shape !== undefined && shape.length > 0) return shape.at(-1)
  }
  const [first] = attempt(() => estimator.list('coefs_')) ?? []
  const inputs = isConstructed(first) ? attempt(() => readShape(first)) : undefined
  return inputs ?? attempt(() => numberOf(estimator.list('shape_fit_')[1]))
}

/** Arrays with a column for each input, of models before scikit-learn 0.24. */
const COLUMN_WISE = [
  'coef_',
  'scale_',
  'mean_',
  'center_',
  'theta_',
  'feature_log_prob_',
  '_fit_X',
  'components_',
]

const readShape = (weights: Constructed): number | undefined => numberArray(weights).shape[0]

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
