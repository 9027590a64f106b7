/**
 * Three features with four made of them: the means of each pair, and of all three. Helps learners
 * that look at one feature at a time.
 *
 * @example withMeans([1000, 10, 10]) // [1000, 10, 10, 505, 10, 505, 340]
 */
export const withMeans = ([a, b, c]: readonly [number, number, number]): number[] => [
  a,
  b,
  c,
  (a + b) / 2,
  (b + c) / 2,
  (c + a) / 2,
  (a + b + c) / 3,
]
