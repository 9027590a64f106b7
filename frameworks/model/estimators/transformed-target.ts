import { isConstructed, type Constructed } from '../pickled.ts'
import { Attributes, unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { ufuncOf } from './ufuncs.ts'

/** TransformedTargetRegressor: the regressor's answer, mapped back. */
export const transformedTargetRegressor: Compiler = (estimator, build) => {
  const regressor = build.compile(estimator.get('regressor_'))
  const transformer = estimator.get('transformer_')
  if (!isConstructed(transformer)) throw estimator.missing('transformer_')
  const restore = inverseOf(estimator, new Attributes(transformer))
  return {
    name: estimator.name,
    predict: (block) => regressor.predict!(block).map(restore),
    parts: [regressor],
  }
}

type Inverse = (value: number) => number

/** What undoes a transformer that was fitted on the one column of the target. */
function inverseOf(estimator: Attributes, transformer: Attributes): Inverse {
  switch (transformer.name) {
    case 'FunctionTransformer':
      return inverseFunction(estimator, transformer)
    case 'StandardScaler':
      return affine(first(transformer, 'scale_') ?? 1, first(transformer, 'mean_') ?? 0)
    case 'RobustScaler':
      return affine(first(transformer, 'scale_') ?? 1, first(transformer, 'center_') ?? 0)
    case 'MaxAbsScaler':
      return affine(transformer.number('scale_'), 0)
    case 'MinMaxScaler': {
      const [scale, min] = [transformer.number('scale_'), transformer.number('min_')]
      return (value) => (value - min) / scale
    }
    case 'PowerTransformer':
      return inversePower(transformer)
    case 'QuantileTransformer':
      if (transformer.text('output_distribution', 'uniform') === 'uniform') {
        return inverseQuantile(transformer)
      }
  }
  throw unsupported(estimator, `with this ${transformer.name}`)
}

function inverseFunction(estimator: Attributes, transformer: Attributes): Inverse {
  const inverse = ufuncOf(transformer.get('inverse_func'))
  if (inverse === undefined) throw unsupported(estimator, 'with a custom function')
  return inverse
}

const first = (transformer: Attributes, name: string): number | undefined =>
  transformer.numbersOrNone(name)?.[0]

const affine =
  (scale: number, shift: number): Inverse =>
  (value) =>
    value * scale + shift

function inversePower(transformer: Attributes): Inverse {
  const lambda = transformer.number('lambdas_')
  const scaler = transformer.get('_scaler')
  const unscale =
    transformer.flag('standardize', true) && isConstructed(scaler) ? unscaler(scaler) : affine(1, 0)
  const undo = transformer.text('method', 'yeo-johnson') === 'box-cox' ? undoBoxCox : undoYeoJohnson
  return (value) => undo(unscale(value), lambda)
}

function unscaler(scaler: Constructed): Inverse {
  const attributes = new Attributes(scaler)
  return affine(first(attributes, 'scale_') ?? 1, first(attributes, 'mean_') ?? 0)
}

const undoBoxCox = (y: number, lambda: number): number =>
  lambda === 0 ? Math.exp(y) : Math.exp(Math.log1p(lambda * y) / lambda)

function undoYeoJohnson(y: number, lambda: number): number {
  if (y >= 0) {
    if (Math.abs(lambda) < Number.EPSILON) return Math.expm1(y)
    return (y * lambda + 1) ** (1 / lambda) - 1
  }
  if (Math.abs(lambda - 2) <= Number.EPSILON) return -Math.expm1(-y)
  return 1 - (-(2 - lambda) * y + 1) ** (1 / (2 - lambda))
}

/** Linear between the quantiles; beyond them the smallest and the largest. */
function inverseQuantile(transformer: Attributes): Inverse {
  const references = transformer.numbers('references_')
  const quantiles = transformer.numbers('quantiles_')
  if (quantiles.length !== references.length) throw transformer.missing('quantiles_')
  return (value) => {
    if (value <= references[0]!) return quantiles[0]!
    const after = references.findIndex((reference) => reference > value)
    if (after < 0) return quantiles.at(-1)!
    const [x0, x1] = [references[after - 1]!, references[after]!]
    const [y0, y1] = [quantiles[after - 1]!, quantiles[after]!]
    return y0 + ((y1 - y0) / (x1 - x0)) * (value - x0)
  }
}
