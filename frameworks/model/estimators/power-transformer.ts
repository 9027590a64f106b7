import { isConstructed } from '../pickled.ts'
import { unsupported } from './attributes.ts'
import type { Compiler } from './fitted.ts'
import { elementwise } from './scalers.ts'
import { refusal } from '../frames/refusal.ts'

/** Yeo-Johnson or Box-Cox with a fitted exponent a column, then standardized if asked for. */
export const powerTransformer: Compiler = (estimator, build) => {
  const lambdas = estimator.numbers('lambdas_')
  const method = estimator.text('method', 'yeo-johnson')
  if (method !== 'yeo-johnson' && method !== 'box-cox') throw unsupported(estimator, method)
  const power = method === 'box-cox' ? boxCox : yeoJohnson
  const base = elementwise(estimator.name, lambdas.length, (x, c) =>
    Number.isNaN(x) ? x : power(x, lambdas[c]!),
  )
  const scaler = estimator.get('_scaler')
  if (!estimator.flag('standardize', true) || !isConstructed(scaler)) return base
  const scale = build.compile(scaler)
  return { name: estimator.name, transform: (block) => scale.transform!(base.transform!(block)) }
}

function yeoJohnson(x: number, lambda: number): number {
  if (x >= 0) {
    if (Math.abs(lambda) < Number.EPSILON) return Math.log1p(x)
    return ((x + 1) ** lambda - 1) / lambda
  }
  if (Math.abs(lambda - 2) <= Number.EPSILON) return -Math.log1p(-x)
  return -((1 - x) ** (2 - lambda) - 1) / (2 - lambda)
}

function boxCox(x: number, lambda: number): number {
  if (x <= 0) throw refusal('Box-Cox needs strictly positive numbers.')
  return lambda === 0 ? Math.log(x) : Math.expm1(lambda * Math.log(x)) / lambda
}
