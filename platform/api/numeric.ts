import * as z from 'zod'

/** A whole number, also as the text that the official CLI and older clients send. */
export const wholeNumber = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
  z.int(),
)

/** `true` or `false`, also as text or as 1 and 0. */
export const truth = z.preprocess((value) => TRUTHS.get(value) ?? value, z.boolean())

const TRUTHS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  [1, true],
  ['false', false],
  ['0', false],
  [0, false],
])
