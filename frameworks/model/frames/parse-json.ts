/**
 * Parses JSON; integers that a double cannot hold become bigints. Most texts have none and take
 * the fast way.
 *
 * @returns undefined for malformed text, which is not a JSON value
 */
export function parseJson(text: string): unknown {
  try {
    return LONG_DIGITS.test(text) ? JSON.parse(text, keepIntegers) : JSON.parse(text)
  } catch {
    return undefined
  }
}

const LONG_DIGITS = /\d{16}/
const INTEGER = /^-?\d+$/

function keepIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && INTEGER.test(source) ? BigInt(source) : value
}
