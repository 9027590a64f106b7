import type { Block, Matrix } from '../frames/block.ts'
import type { Cell } from '../frames/cell.ts'
import type { Attributes } from './attributes.ts'
import type { Fitted } from './fitted.ts'
import { argmaxRows } from './linear-algebra.ts'

/**
 * A classifier that predicts the class of the largest probability, the first of equals.
 *
 * @param proba rows × classes, in the order of `classes`
 * @param more what else it can do
 */
export const classifier = (
  estimator: Attributes,
  classes: readonly Cell[],
  proba: (block: Block) => Matrix,
  more: Partial<Fitted> = {},
): Fitted => ({
  name: estimator.name,
  classes,
  proba,
  predict: (block) => argmaxRows(proba(block)),
  isArgmax: true,
  ...more,
})
