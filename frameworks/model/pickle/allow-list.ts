/** Whether a model file may mention a name. */
export type AllowList = (module: string, name: string) => boolean

/**
 * The names that a model file may mention. The reader never looks one up: the list decides whether
 * we know what an object of that name means.
 *
 * @param estimators names of the scikit-learn classes that can be computed, in any module of
 * scikit-learn a version has them
 */
export function allowList(estimators: Iterable<string>): AllowList {
  const computed = new Set(estimators)
  return (module, name) =>
    /^\w+$/.test(name) &&
    ((computed.has(name) && SCIKIT_LEARN.test(module)) ||
      RULES.some(([pattern, allowed]) => {
        return pattern.test(module) && (allowed === 'any' || allowed.has(name))
      }))
}

const SCIKIT_LEARN = /^sklearn(\.\w+)+$/

/** Old and new spellings of a module share a row. */
const RULES: readonly (readonly [module: RegExp, names: ReadonlySet<string> | 'any'])[] = [
  [/^(builtins|__builtin__)$/, names('object int float str bool slice set frozenset complex list')],
  [/^(builtins|__builtin__)$/, names('dict tuple bytearray bytes range long unicode')],
  [/^collections$/, names('OrderedDict defaultdict UserList')],
  [/^_codecs$/, names('encode')],
  [/^copy_?reg$/, names('_reconstructor __newobj__')],
  [/^numpy$/, names('ndarray dtype float64 float32 float16 int64 int32 int16 int8 uint8 uint16')],
  [/^numpy$/, names('uint32 uint64 bool_ bool str_ object_ nan intp longlong number')],
  [/^numpy$/, names('generic integer floating inexact character signedinteger')],
  [
    /^numpy\.(core|_core)\.(multiarray|numeric|_multiarray_umath)$/,
    names('_reconstruct scalar _frombuffer ndarray'),
  ],
  [/^numpy(\.(core|_core)(\._multiarray_umath|\.umath)?)?$/, ufuncs()],
  [/^numpy\.(core|_core)$/, names('_ufunc_reconstruct')],
  [/^numpy\.(matrixlib\.)?defmatrix$/, names('matrix')],
  [/^numpy\.ma(\.core)?$/, names('_mareconstruct MaskedArray MaskedConstant')],
  [/^numpy\.random(\.\w+)*$/, 'any'],
  [/^scipy\.sparse\._?(csr|csc|coo|dia)$/, sparse()],
  [/^scipy\.(interpolate|stats|spatial)(\.\w+)*$/, 'any'],
  [/^pandas(\.\w+)*$/, pandas()],
  [/^(joblib|sklearn\.externals\.joblib)\.numpy_pickle$/, names('NumpyArrayWrapper')],
  [/^joblib\.(memory|_store_backends|logger)$/, 'any'],
  [/^functools$/, names('partial')],
  [/^dill\._?dill$/, names('_create_array _load_type')],
  [/^sklearn\.utils\.validation$/, names('check_array')],
  [SCIKIT_LEARN, parts()],
  [/^_loss$/, 'any'],
  [/^sklearn\.utils\._metadata_requests$/, 'any'],
  [/^sklearn\.(_loss|metrics|model_selection|neighbors)(\.\w+)*$/, 'any'],
  [/^sklearn\.ensemble\._?(gb_losses|gradient_boosting|hist_gradient_boosting\.\w+)$/, 'any'],
  [/^sklearn\.linear_model\._?(sgd_fast|base|loss|glm)(\.\w+)*$/, 'any'],
  [/^sklearn\.neural_network\._stochastic_optimizers$/, 'any'],
  [/^sklearn\.(tree|svm|utils)(\.\w+)*$/, names('Tree Bunch TransformerTags deprecated')],
  [/^sklearn\.feature_selection\.(univariate_selection|_univariate_selection)$/, scores()],
  [/^sklearn\.feature_selection\.(_mutual_info|mutual_info_)$/, scores()],
  [/^sklearn\.compose\._column_transformer$/, names('make_column_selector _RemainderColsList')],
  [/^category_encoders\.(one_hot|ordinal)$/, names('OneHotEncoder OrdinalEncoder')],
  [/^category_encoders\.utils$/, 'any'],
  // Boosters, their settings and callbacks: all are data here.
  [/^(xgboost|lightgbm)(\.\w+)*$/, 'any'],
]

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}

function ufuncs(): ReadonlySet<string> {
  return names(
    'log log1p log2 log10 exp expm1 sqrt cbrt square absolute abs sin cos tan reciprocal tanh ' +
      'negative sign floor ceil rint round round_',
  )
}

function sparse(): ReadonlySet<string> {
  return names('csr_matrix csr_array csc_matrix csc_array coo_matrix coo_array dia_matrix')
}

function pandas(): ReadonlySet<string> {
  return names(
    'Series DataFrame _new_Index Index RangeIndex Int64Index Float64Index UInt64Index ' +
      'CategoricalIndex DatetimeIndex MultiIndex BlockManager SingleBlockManager BlockPlacement ' +
      '_unpickle_block __pyx_unpickle_NDArrayBacked NDArrayBacked NA NAType CategoricalDtype ' +
      'Categorical Int8Dtype Int16Dtype Int32Dtype Int64Dtype UInt8Dtype UInt16Dtype UInt32Dtype ' +
      'UInt64Dtype Float32Dtype Float64Dtype BooleanDtype StringDtype StringArray ' +
      'StringArrayNumpySemantics ArrowStringArray DatetimeTZDtype PandasArray PandasDtype ' +
      'NumpyExtensionArray NumpyEADtype IntegerArray FloatingArray BooleanArray Flags new_block',
  )
}

function scores(): ReadonlySet<string> {
  return names(
    'f_classif chi2 f_regression r_regression mutual_info_classif mutual_info_regression',
  )
}

/** What fitted estimators keep as parts; they cannot stand in a pipeline themselves. */
function parts(): ReadonlySet<string> {
  return names(
    'LabelBinarizer LabelEncoder TreePredictor _BinMapper _CalibratedClassifier ' +
      '_SigmoidCalibration IsotonicRegression',
  )
}
