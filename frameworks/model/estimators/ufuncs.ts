import { isGlobal, isConstructed, type Pickled } from '../pickled.ts'

/** The NumPy functions that a FunctionTransformer may name. */
const UFUNCS: Readonly<Record<string, (value: number) => number>> = {
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  exp: Math.exp,
  expm1: Math.expm1,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  square: (value) => value * value,
  absolute: Math.abs,
  abs: Math.abs,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  tanh: Math.tanh,
  reciprocal: (value) => 1 / value,
  negative: (value) => -value,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  rint: halfToEven,
  round: halfToEven,
  round_: halfToEven,
}

function halfToEven(value: number): number {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/** The function that a file names; None is the identity, undefined what we do not have. */
export function ufuncOf(value: Pickled | undefined): ((value: number) => number) | undefined {
  if (value === undefined || value === null) return (same) => same
  if (isGlobal(value)) return UFUNCS[value.name]
  const name = isConstructed(value) ? value.args.at(-1) : undefined
  return typeof name === 'string' ? UFUNCS[name] : undefined
}
