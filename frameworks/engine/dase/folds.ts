/**
 * Cuts points into k folds: point n is tested in fold n mod k, and trained on in all others.
 *
 * @throws RangeError for fewer than two folds
 * @example
 * splitFolds(['a', 'b', 'c'], 3)[0] // { training: ['b', 'c'], testing: ['a'] }
 */
export function splitFolds<T>(points: readonly T[], k: number): { training: T[]; testing: T[] }[] {
  if (!Number.isInteger(k) || k < 2) throw new RangeError(`${k} folds: at least 2 are needed`)
  return Array.from({ length: k }, (_, fold) => ({
    training: points.filter((_point, at) => at % k !== fold),
    testing: points.filter((_point, at) => at % k === fold),
  }))
}
