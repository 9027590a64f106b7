import { problem } from '../problems.ts'
import { classOf, describe, isConstructed, type Constructed, type Pickled } from '../pickled.ts'
import { adaBoostClassifier, adaBoostRegressor } from './ada-boost.ts'
import { Attributes } from './attributes.ts'
import {
  baggingClassifier,
  baggingRegressor,
  votingClassifier,
  votingRegressor,
} from './averaging.ts'
import { calibratedClassifierCV } from './calibration.ts'
import { categoryOneHotEncoder, categoryOrdinalEncoder } from './category-encoders.ts'
import { columnTransformer } from './column-transformer.ts'
import { fastICA, pca, truncatedSVD } from './decomposition.ts'
import { quadraticDiscriminantAnalysis } from './discriminant.ts'
import { dictVectorizer } from './dict-vectorizer.ts'
import { kBinsDiscretizer } from './discretizer.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { functionTransformer } from './function-transformer.ts'
import { gradientBoostingClassifier, gradientBoostingRegressor } from './gradient-boosting.ts'
import {
  histGradientBoostingClassifier,
  histGradientBoostingRegressor,
} from './hist-gradient-boosting.ts'
import { kMeans } from './k-means.ts'
import { lgbmClassifier, lgbmRegressor } from './lightgbm.ts'
import {
  linearClassifier,
  linearDiscriminantAnalysis,
  linearRegressor,
  logisticRegression,
  sgdClassifier,
} from './linear.ts'
import { constantPredictor, oneVsOneClassifier, oneVsRestClassifier } from './multiclass.ts'
import {
  bernoulliNB,
  categoricalNB,
  complementNB,
  gaussianNB,
  multinomialNB,
} from './naive-bayes.ts'
import { kNeighborsClassifier, kNeighborsRegressor } from './neighbors.ts'
import { mlpClassifier, mlpRegressor } from './neural-network.ts'
import { oneHotEncoder } from './one-hot-encoder.ts'
import { ordinalEncoder } from './ordinal-encoder.ts'
import { featureUnion, pipeline } from './pipeline.ts'
import { polynomialFeatures } from './polynomial-features.ts'
import { powerTransformer } from './power-transformer.ts'
import { quantileTransformer } from './quantile-transformer.ts'
import {
  binarizer,
  maxAbsScaler,
  minMaxScaler,
  normalizer,
  robustScaler,
  standardScaler,
} from './scalers.ts'
import { selectFromModel, rfe, selectKBest, varianceThreshold } from './selection.ts'
import { missingIndicator, simpleImputer } from './simple-imputer.ts'
import { stackingClassifier, stackingRegressor } from './stacking.ts'
import { svc, svr } from './support-vectors.ts'
import { transformedTargetRegressor } from './transformed-target.ts'
import {
  randomForestClassifier,
  randomForestRegressor,
  decisionTreeClassifier,
  decisionTreeRegressor,
} from './trees.ts'
import { hashingVectorizer } from './hashing-vectorizer.ts'
import { countVectorizer, tfidfTransformer, tfidfVectorizer } from './vectorizers.ts'
import { xgbClassifier, xgbRegressor } from './xgboost.ts'
import {
  dummyClassifier,
  dummyRegressor,
  frozenEstimator,
  fixedThresholdClassifier,
  ransacRegressor,
  searchCV,
} from './wrappers.ts'

/** Every scikit-learn class that can stand in a pipeline here, by name; modules have moved. */
const SCIKIT_LEARN: Readonly<Record<string, Compiler>> = {
  Pipeline: pipeline,
  ColumnTransformer: columnTransformer,
  FeatureUnion: featureUnion,
  FunctionTransformer: functionTransformer,
  TransformedTargetRegressor: transformedTargetRegressor,
  SimpleImputer: simpleImputer,
  Imputer: simpleImputer,
  MissingIndicator: missingIndicator,
  StandardScaler: standardScaler,
  MinMaxScaler: minMaxScaler,
  MaxAbsScaler: maxAbsScaler,
  RobustScaler: robustScaler,
  Normalizer: normalizer,
  Binarizer: binarizer,
  OneHotEncoder: oneHotEncoder,
  OrdinalEncoder: ordinalEncoder,
  KBinsDiscretizer: kBinsDiscretizer,
  PolynomialFeatures: polynomialFeatures,
  PowerTransformer: powerTransformer,
  QuantileTransformer: quantileTransformer,
  PCA: pca,
  IncrementalPCA: pca,
  TruncatedSVD: truncatedSVD,
  FastICA: fastICA,
  SelectKBest: selectKBest,
  SelectPercentile: selectKBest,
  SelectFpr: selectKBest,
  SelectFdr: selectKBest,
  SelectFwe: selectKBest,
  GenericUnivariateSelect: selectKBest,
  VarianceThreshold: varianceThreshold,
  SelectFromModel: selectFromModel,
  RFE: rfe,
  RFECV: rfe,
  SequentialFeatureSelector: rfe,
  DictVectorizer: dictVectorizer,
  CountVectorizer: countVectorizer,
  HashingVectorizer: hashingVectorizer,
  TfidfVectorizer: tfidfVectorizer,
  TfidfTransformer: tfidfTransformer,
  LogisticRegression: logisticRegression,
  LogisticRegressionCV: logisticRegression,
  SGDClassifier: sgdClassifier,
  LinearSVC: linearClassifier,
  RidgeClassifier: linearClassifier,
  RidgeClassifierCV: linearClassifier,
  Perceptron: linearClassifier,
  PassiveAggressiveClassifier: linearClassifier,
  SGDRegressor: linearRegressor,
  LinearSVR: linearRegressor,
  PassiveAggressiveRegressor: linearRegressor,
  LinearRegression: linearRegressor,
  Ridge: linearRegressor,
  RidgeCV: linearRegressor,
  Lasso: linearRegressor,
  LassoCV: linearRegressor,
  LassoLars: linearRegressor,
  LassoLarsCV: linearRegressor,
  LassoLarsIC: linearRegressor,
  Lars: linearRegressor,
  LarsCV: linearRegressor,
  ElasticNet: linearRegressor,
  ElasticNetCV: linearRegressor,
  HuberRegressor: linearRegressor,
  TheilSenRegressor: linearRegressor,
  BayesianRidge: linearRegressor,
  ARDRegression: linearRegressor,
  OrthogonalMatchingPursuit: linearRegressor,
  OrthogonalMatchingPursuitCV: linearRegressor,
  RANSACRegressor: ransacRegressor,
  QuantileRegressor: linearRegressor,
  PoissonRegressor: linearRegressor,
  GammaRegressor: linearRegressor,
  TweedieRegressor: linearRegressor,
  LinearDiscriminantAnalysis: linearDiscriminantAnalysis,
  QuadraticDiscriminantAnalysis: quadraticDiscriminantAnalysis,
  MLPClassifier: mlpClassifier,
  MLPRegressor: mlpRegressor,
  DecisionTreeClassifier: decisionTreeClassifier,
  DecisionTreeRegressor: decisionTreeRegressor,
  ExtraTreeClassifier: decisionTreeClassifier,
  ExtraTreeRegressor: decisionTreeRegressor,
  RandomForestClassifier: randomForestClassifier,
  RandomForestRegressor: randomForestRegressor,
  ExtraTreesClassifier: randomForestClassifier,
  ExtraTreesRegressor: randomForestRegressor,
  BaggingClassifier: baggingClassifier,
  BaggingRegressor: baggingRegressor,
  GradientBoostingClassifier: gradientBoostingClassifier,
  GradientBoostingRegressor: gradientBoostingRegressor,
  HistGradientBoostingClassifier: histGradientBoostingClassifier,
  HistGradientBoostingRegressor: histGradientBoostingRegressor,
  AdaBoostClassifier: adaBoostClassifier,
  AdaBoostRegressor: adaBoostRegressor,
  KMeans: kMeans,
  MiniBatchKMeans: kMeans,
  SVC: svc,
  NuSVC: svc,
  SVR: svr,
  NuSVR: svr,
  KNeighborsClassifier: kNeighborsClassifier,
  KNeighborsRegressor: kNeighborsRegressor,
  GaussianNB: gaussianNB,
  MultinomialNB: multinomialNB,
  ComplementNB: complementNB,
  BernoulliNB: bernoulliNB,
  CategoricalNB: categoricalNB,
  CalibratedClassifierCV: calibratedClassifierCV,
  VotingClassifier: votingClassifier,
  VotingRegressor: votingRegressor,
  StackingClassifier: stackingClassifier,
  StackingRegressor: stackingRegressor,
  OneVsRestClassifier: oneVsRestClassifier,
  OneVsOneClassifier: oneVsOneClassifier,
  _ConstantPredictor: constantPredictor,
  GridSearchCV: searchCV,
  RandomizedSearchCV: searchCV,
  HalvingGridSearchCV: searchCV,
  HalvingRandomSearchCV: searchCV,
  FixedThresholdClassifier: fixedThresholdClassifier,
  TunedThresholdClassifierCV: fixedThresholdClassifier,
  FrozenEstimator: frozenEstimator,
  DummyClassifier: dummyClassifier,
  DummyRegressor: dummyRegressor,
}

const CATEGORY_ENCODERS: Readonly<Record<string, Compiler>> = {
  OneHotEncoder: categoryOneHotEncoder,
  OrdinalEncoder: categoryOrdinalEncoder,
}

const XGBOOST: Readonly<Record<string, Compiler>> = {
  XGBClassifier: xgbClassifier,
  XGBRFClassifier: xgbClassifier,
  XGBRegressor: xgbRegressor,
  XGBRFRegressor: xgbRegressor,
  XGBRanker: xgbRegressor,
  Booster: xgbRegressor,
}

const LIGHTGBM: Readonly<Record<string, Compiler>> = {
  LGBMClassifier: lgbmClassifier,
  LGBMRegressor: lgbmRegressor,
  LGBMRanker: lgbmRegressor,
  Booster: lgbmRegressor,
}

export const SUPPORTED: readonly string[] = Object.keys(SCIKIT_LEARN)

/**
 * Compiles a fitted estimator, and its parts, into functions. Each object is compiled
 * once, however often the file refers to it; one that contains itself is refused.
 *
 * @throws Problem `model_unsupported` that names the class, `model_invalid` for a damaged one
 */
export function compileEstimator(value: Pickled | undefined): Fitted {
  const done = new Map<Constructed, Fitted | 'running'>()
  const compile = (part: Pickled | undefined): Fitted => {
    if (!isConstructed(part))
      throw problem('model_invalid', `An estimator was expected, not ${describe(part)}.`)
    const known = done.get(part)
    if (known === 'running') throw problem('model_invalid', 'The pipeline contains itself.')
    if (known !== undefined) return known
    done.set(part, 'running')
    const fitted = compilerOf(part)(new Attributes(part), { compile })
    done.set(part, fitted)
    return fitted
  }
  return compile(value)
}

const TABLES: Readonly<Record<string, Readonly<Record<string, Compiler>>>> = {
  category_encoders: CATEGORY_ENCODERS,
  xgboost: XGBOOST,
  lightgbm: LIGHTGBM,
}

function compilerOf(part: Constructed): Compiler {
  const of = classOf(part)
  const [library = ''] = of?.module.split('.') ?? []
  const table = TABLES[library] ?? SCIKIT_LEARN
  const compiler = of !== undefined && Object.hasOwn(table, of.name) ? table[of.name] : undefined
  if (compiler !== undefined) return compiler
  throw problem(
    'model_unsupported',
    `${describe(part)} is not supported as a step of a pipeline.`,
    {
      hint: 'docs/models.md lists what is; everything else can be served by the Flask original.',
    },
  )
}
