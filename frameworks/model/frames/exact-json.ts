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

/** JSON in which integers beyond 2^53 keep their digits; most values have none and go the fast way. */
export function stringifyExactly(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return JSON.stringify(
      value,
      (_key, item: unknown) => (typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item),
      indent,
    )
  }
}

declare global {
  interface JSON {
    /** Text that `stringify` writes as it is; TypeScript does not know it yet. */
    rawJSON: (text: string) => unknown
  }
}
