import { problem } from '../problems.ts'
import { classOf, describe, isMade, type Made, type Pickled } from '../pickled.ts'
import { adaBoostClassifier, adaBoostRegressor } from './ada-boost.ts'
import { Attributes } from './attributes.ts'
import {
  baggingClassifier,
  baggingRegressor,
  votingClassifier,
  votingRegressor,
} from './averaging.ts'
import { calibratedClassifier } from './calibration.ts'
import { categoryOneHot, categoryOrdinal } from './category-encoders.ts'
import { columnTransformer } from './column-transformer.ts'
import { independentComponents, pca, truncatedSvd } from './decomposition.ts'
import { quadraticDiscriminant } from './discriminant.ts'
import { kBinsDiscretizer } from './discretizer.ts'
import type { Compiler, Fitted } from './fitted.ts'
import { functionTransformer } from './function-transformer.ts'
import { gradientBoostingClassifier, gradientBoostingRegressor } from './gradient-boosting.ts'
import { histogramClassifier, histogramRegressor } from './histogram-boosting.ts'
import {
  linearDecision,
  linearDiscriminant,
  linearRegressor,
  logisticRegression,
  sgdClassifier,
} from './linear.ts'
import { constantPredictor, oneVsOne, oneVsRest } from './multiclass.ts'
import {
  bernoulliNaiveBayes,
  categoricalNaiveBayes,
  complementNaiveBayes,
  gaussianNaiveBayes,
  multinomialNaiveBayes,
} from './naive-bayes.ts'
import { neighboursClassifier, neighboursRegressor } from './neighbours.ts'
import { networkClassifier, networkRegressor } from './neural-network.ts'
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
import {
  selectFromModel,
  supportSelection,
  univariateSelection,
  varianceThreshold,
} from './selection.ts'
import { missingIndicator, simpleImputer } from './simple-imputer.ts'
import { stackingClassifier, stackingRegressor } from './stacking.ts'
import { supportVectorClassifier, supportVectorRegressor } from './support-vectors.ts'
import { transformedTarget } from './transformed-target.ts'
import { forestClassifier, forestRegressor, treeClassifier, treeRegressor } from './trees.ts'
import { hashingVectorizer } from './hashing-vectorizer.ts'
import { countVectorizer, tfidfTransformer, tfidfVectorizer } from './vectorizers.ts'
import {
  dummyClassifier,
  dummyRegressor,
  frozen,
  movedThreshold,
  robustConsensus,
  search,
} from './wrappers.ts'

/** Every scikit-learn class that can stand in a pipeline here, by name; modules have moved. */
const SCIKIT_LEARN: Readonly<Record<string, Compiler>> = {
  Pipeline: pipeline,
  ColumnTransformer: columnTransformer,
  FeatureUnion: featureUnion,
  FunctionTransformer: functionTransformer,
  TransformedTargetRegressor: transformedTarget,
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
  TruncatedSVD: truncatedSvd,
  FastICA: independentComponents,
  SelectKBest: univariateSelection,
  SelectPercentile: univariateSelection,
  SelectFpr: univariateSelection,
  SelectFdr: univariateSelection,
  SelectFwe: univariateSelection,
  GenericUnivariateSelect: univariateSelection,
  VarianceThreshold: varianceThreshold,
  SelectFromModel: selectFromModel,
  RFE: supportSelection,
  RFECV: supportSelection,
  SequentialFeatureSelector: supportSelection,
  CountVectorizer: countVectorizer,
  HashingVectorizer: hashingVectorizer,
  TfidfVectorizer: tfidfVectorizer,
  TfidfTransformer: tfidfTransformer,
  LogisticRegression: logisticRegression,
  LogisticRegressionCV: logisticRegression,
  SGDClassifier: sgdClassifier,
  LinearSVC: linearDecision,
  RidgeClassifier: linearDecision,
  RidgeClassifierCV: linearDecision,
  Perceptron: linearDecision,
  PassiveAggressiveClassifier: linearDecision,
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
  RANSACRegressor: robustConsensus,
  QuantileRegressor: linearRegressor,
  PoissonRegressor: linearRegressor,
  GammaRegressor: linearRegressor,
  TweedieRegressor: linearRegressor,
  LinearDiscriminantAnalysis: linearDiscriminant,
  QuadraticDiscriminantAnalysis: quadraticDiscriminant,
  MLPClassifier: networkClassifier,
  MLPRegressor: networkRegressor,
  DecisionTreeClassifier: treeClassifier,
  DecisionTreeRegressor: treeRegressor,
  ExtraTreeClassifier: treeClassifier,
  ExtraTreeRegressor: treeRegressor,
  RandomForestClassifier: forestClassifier,
  RandomForestRegressor: forestRegressor,
  ExtraTreesClassifier: forestClassifier,
  ExtraTreesRegressor: forestRegressor,
  BaggingClassifier: baggingClassifier,
  BaggingRegressor: baggingRegressor,
  GradientBoostingClassifier: gradientBoostingClassifier,
  GradientBoostingRegressor: gradientBoostingRegressor,
  HistGradientBoostingClassifier: histogramClassifier,
  HistGradientBoostingRegressor: histogramRegressor,
  AdaBoostClassifier: adaBoostClassifier,
  AdaBoostRegressor: adaBoostRegressor,
  SVC: supportVectorClassifier,
  NuSVC: supportVectorClassifier,
  SVR: supportVectorRegressor,
  NuSVR: supportVectorRegressor,
  KNeighborsClassifier: neighboursClassifier,
  KNeighborsRegressor: neighboursRegressor,
  GaussianNB: gaussianNaiveBayes,
  MultinomialNB: multinomialNaiveBayes,
  ComplementNB: complementNaiveBayes,
  BernoulliNB: bernoulliNaiveBayes,
  CategoricalNB: categoricalNaiveBayes,
  CalibratedClassifierCV: calibratedClassifier,
  VotingClassifier: votingClassifier,
  VotingRegressor: votingRegressor,
  StackingClassifier: stackingClassifier,
  StackingRegressor: stackingRegressor,
  OneVsRestClassifier: oneVsRest,
  OneVsOneClassifier: oneVsOne,
  _ConstantPredictor: constantPredictor,
  GridSearchCV: search,
  RandomizedSearchCV: search,
  HalvingGridSearchCV: search,
  HalvingRandomSearchCV: search,
  FixedThresholdClassifier: movedThreshold,
  TunedThresholdClassifierCV: movedThreshold,
  FrozenEstimator: frozen,
  DummyClassifier: dummyClassifier,
  DummyRegressor: dummyRegressor,
}

const CATEGORY_ENCODERS: Readonly<Record<string, Compiler>> = {
  OneHotEncoder: categoryOneHot,
  OrdinalEncoder: categoryOrdinal,
}

export const SUPPORTED: readonly string[] = Object.keys(SCIKIT_LEARN)

/**
 * Compiles a fitted estimator, and whatever it is made of, into functions. Each object is compiled
 * once, however often the file refers to it; one that contains itself is refused.
 *
 * @throws Problem `model_unsupported` that names the class, `model_invalid` for a damaged one
 */
export function compileEstimator(value: Pickled | undefined): Fitted {
  const done = new Map<Made, Fitted | 'running'>()
  const compile = (part: Pickled | undefined): Fitted => {
    if (!isMade(part))
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

function compilerOf(part: Made): Compiler {
  const of = classOf(part)
  const table = of?.module.startsWith('category_encoders') ? CATEGORY_ENCODERS : SCIKIT_LEARN
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
