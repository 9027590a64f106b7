/**
 * JSON in which integers beyond 2^53, held as bigints, keep their digits. Most values have none and
 * take the fast way: a replacer costs several times as much.
 *
 * @example stringifyExactly({ id: 9007199254740993n }) // '{"id":9007199254740993}'
 * @throws TypeError for a value that refers to itself
 */
export function stringifyExactly(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return JSON.stringify(value, digitsOfBigints, indent)
  }
}

const digitsOfBigints = (_key: string, item: unknown): unknown =>
  typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item

declare global {
  interface JSON {
    /** Text that `stringify` writes as it is. In Node since 22; TypeScript does not know it yet. */
    rawJSON: (text: string) => unknown
  }
}
