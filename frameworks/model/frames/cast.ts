import { isNaNCell, keyOf, NA, showCell, type Cell } from './cell.ts'
import type { ColumnDtype } from './column-dtype.ts'
import { floatOfText, integerOfText, textOfCell } from './python-number.ts'

/** What a caller sent for a column; undefined if the key was absent, which is not null. */
export type Sent = Cell | undefined

/** Why a value cannot be cast; the caller adds the column's name. */
export class CastError extends Error {
  override readonly name = 'CastError'
}

/**
 * Casts one value the way `DataFrame([observation], columns=columns).astype(dtypes)` does, quirks
 * included: 3.7 becomes 3 in an integer column, an absent key becomes True in a flag column.
 *
 * @returns a double for numeric types, a cell for the others
 * @throws CastError where pandas raises
 */
export function castValue(dtype: ColumnDtype, sent: Sent): Cell {
  switch (dtype.kind) {
    case 'int':
    case 'uint':
      return dtype.isNullable ? castNullableInteger(dtype, sent) : castInteger(dtype, sent)
    case 'float':
      return castFloat(dtype, sent)
    case 'bool':
      return dtype.isNullable ? castNullableFlag(sent) : castFlag(sent)
    case 'object':
      return sent === undefined ? Number.NaN : sent
    case 'category':
      return castCategory(dtype, sent)
    case 'string':
      return castText(dtype, sent)
    case 'datetime':
      return castTime(sent)
  }
}

function castInteger(dtype: ColumnDtype, sent: Sent): number {
  if (sent === undefined) throw new CastError('is missing, and an integer cannot be')
  if (sent === null) throw new CastError('is null, and an integer cannot be')
  if (typeof sent === 'boolean') return Number(sent)
  if (typeof sent === 'number' && Number.isSafeInteger(sent)) return wrap(dtype, BigInt(sent))
  if (typeof sent === 'number') return wrapFloat(dtype, sent)
  const integer = typeof sent === 'string' ? integerOfText(sent) : sent
  if (typeof integer !== 'bigint') throw new CastError(`${showCell(sent)} is not an integer`)
  if (integer >= 2n ** 64n || integer < -(2n ** 63n)) throw new CastError('is too large')
  return wrap(dtype, integer)
}

/** NumPy keeps the low bits: 2^63 becomes -2^63. */
function wrap(dtype: ColumnDtype, value: bigint): number {
  return Number(
    dtype.kind === 'uint' ? BigInt.asUintN(dtype.bits, value) : BigInt.asIntN(dtype.bits, value),
  )
}

function wrapFloat(dtype: ColumnDtype, value: number): number {
  if (!Number.isFinite(value)) throw new CastError('is not finite, and an integer must be')
  if (dtype.kind === 'uint' && value < 0) throw new CastError('is negative, and may not be')
  const whole = Math.trunc(value)
  const { register, least } = registerOf(dtype)
  return wrap(dtype, Math.abs(whole) < register ? BigInt(whole) : least)
}

/** The processor converts into a register of 32 or 64 bits; what exceeds it becomes the smallest. */
function registerOf({ kind, bits }: ColumnDtype): { register: number; least: bigint } {
  if (kind === 'uint' && bits === 64) return { register: 2 ** 64, least: 0n }
  const width = bits === 64 || (kind === 'uint' && bits === 32) ? 63 : 31
  return { register: 2 ** width, least: -(2n ** BigInt(width)) }
}

function castNullableInteger(dtype: ColumnDtype, sent: Sent): number {
  if (sent === undefined || sent === null || isNaNCell(sent)) return Number.NaN
  if (typeof sent === 'number' && !Number.isInteger(sent)) {
    throw new CastError(`${showCell(sent)} is not an integer`)
  }
  const isNumber = typeof sent === 'number' || typeof sent === 'bigint'
  if (isNumber && !fits(dtype, BigInt(sent))) throw new CastError('is too large or too small')
  return castInteger(dtype, sent)
}

const fits = (dtype: ColumnDtype, value: bigint): boolean =>
  value ===
  (dtype.kind === 'uint' ? BigInt.asUintN(dtype.bits, value) : BigInt.asIntN(dtype.bits, value))

function castFloat(dtype: ColumnDtype, sent: Sent): number {
  if (sent === undefined || sent === null) return Number.NaN
  const value =
    typeof sent === 'string'
      ? floatOfText(sent)
      : typeof sent === 'object' || typeof sent === 'symbol'
        ? undefined
        : Number(sent)
  if (value === undefined) throw new CastError(`${showCell(sent)} is not a number`)
  if (dtype.bits === 32) return Math.fround(value)
  return dtype.bits === 16 ? Math.f16round(value) : value
}

/** Python's truth: NaN is true, None is false, empty collections are false. */
function castFlag(sent: Sent): number {
  if (sent === undefined) return 1
  if (sent === null) return 0
  if (typeof sent === 'object') return Object.keys(sent).length > 0 ? 1 : 0
  return isNaNCell(sent) || Boolean(sent) ? 1 : 0
}

function castNullableFlag(sent: Sent): number {
  if (sent === undefined || sent === null) return Number.NaN
  if (typeof sent === 'boolean' || sent === 0 || sent === 1) return Number(sent)
  throw new CastError(`${showCell(sent)} is neither true nor false`)
}

function castCategory(dtype: ColumnDtype, sent: Sent): Cell {
  if (sent === undefined || sent === null) return Number.NaN
  if (typeof sent === 'object') throw new CastError('is a list or an object')
  const wanted = typeof sent === 'boolean' ? sent : keyOf(sent)
  const found = dtype.categories?.find(
    (category) => (typeof category === 'boolean' ? category : keyOf(category)) === wanted,
  )
  return found ?? Number.NaN
}

function castText(dtype: ColumnDtype, sent: Sent): Cell {
  if (sent === undefined || sent === null) return dtype.missingIsNaN ? Number.NaN : NA
  return textOfCell(sent)
}

function castTime(sent: Sent): number {
  if (sent === undefined || sent === null) return Number.NaN
  if (typeof sent === 'number' || typeof sent === 'boolean') return Math.trunc(Number(sent))
  const ms = typeof sent === 'string' ? Date.parse(sent) : Number.NaN
  if (Number.isNaN(ms)) throw new CastError(`${showCell(sent)} is not a time`)
  return ms * 1e6
}
