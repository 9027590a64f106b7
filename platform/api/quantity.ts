/** What a client wrote for a number of dynos: `3`, `"3"`, `"+1"` or `"-1"`. */
export type Quantity = number | string

/**
 * The number of dynos that is meant, starting from `current`; none is fewer than 0.
 *
 * @returns undefined if it is none of what clients write
 */
export function resolveQuantity(wanted: Quantity, current: number): number | undefined {
  const text = String(wanted).trim()
  if (!/^[+-]?\d{1,9}$/.test(text)) return undefined
  const isRelative = typeof wanted === 'string' && /^[+-]/.test(text)
  return Math.max(0, isRelative ? current + Number(text) : Number(text))
}
