import type { Block, Matrix } from '../frames/block.ts'
import type { Cell } from '../frames/cell.ts'
import type { Pickled } from '../pickled.ts'
import type { Attributes } from './attributes.ts'

/** A fitted estimator, ready to compute. What it cannot do is undefined, as in scikit-learn. */
export type Fitted = Readonly<{
  /** Class name, e.g. `LogisticRegression`. */
  name: string
  /** Of a classifier: its classes, in the order of the columns of `proba`. */
  classes?: readonly Cell[]
  transform?: (block: Block) => Block
  /** Rows × classes. */
  proba?: (block: Block) => Matrix
  /** Rows × 1 for two classes, rows × classes for more. */
  decision?: (block: Block) => Matrix
  /** Of a classifier: the index of the class; of a regressor: the value. */
  predict?: (block: Block) => Float64Array
  /** `predict` is the class of the largest `proba`: a caller that has the one need not compute the other. */
  isArgmax?: boolean
  /** The probability of the second of two classes from which `predict` chooses it, if it is not a half. */
  threshold?: number
  /** Of a pipeline: all steps but the last, and the last, so that both its answers share the work. */
  prepare?: (block: Block) => Block
  last?: Fitted
  /** Whether scikit-learn gives a sparse matrix here, in whichever form it is held by us. */
  isSparse?: boolean
  /** The same estimator over a sparse matrix, where that means something else: zeros are missing. */
  overSparse?: Fitted
  /** Computes in single precision, so answers are equal to about 1e-7. */
  isSingle?: boolean
  /** Parts, for reports. */
  parts?: readonly Fitted[]
  /** Notable counts, for reports: trees, support vectors, terms. */
  sizes?: Readonly<Record<string, number>>
  /** Whether output column i is input column i, so that what later steps know holds here too. */
  keepsColumns?: boolean
  /** How much each input column weighs, as `feature_importances_` or the size of `coef_`. */
  importances?: () => Float64Array
  /** What encoders know of the values of their input columns, by position or by name. */
  knownValues?: (position: number, name: string) => KnownValues | undefined
}>

/** The values an encoder was fitted on; closed means that it refuses all others. */
export type KnownValues = Readonly<{ values: readonly Cell[]; isClosed: boolean }>

/** Makes a fitted estimator of the attributes that scikit-learn pickled. */
export type Compiler = (estimator: Attributes, build: Build) => Fitted

export type Build = Readonly<{
  /** Compiles a part: the step of a pipeline, a tree of a forest. */
  compile: (value: Pickled | undefined) => Fitted
}>
