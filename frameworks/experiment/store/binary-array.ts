/**
 * A `text[]` parameter in PostgreSQL's binary form. In the text form each quote of a document is
 * escaped here and unescaped there, which costs more than storing it.
 *
 * @param values text or its bytes; null stays null
 */
export function textArray(values: readonly (string | Buffer | null)[]): Buffer {
  const elements = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value))
  const bytes = elements.reduce((sum, element) => sum + 4 + (element?.length ?? 0), HEADER_BYTES)
  const array = Buffer.allocUnsafe(bytes)
  array.writeInt32BE(1, 0) // dimensions
  array.writeInt32BE(elements.includes(null) ? 1 : 0, 4)
  array.writeInt32BE(TEXT_OID, 8)
  array.writeInt32BE(elements.length, 12)
  array.writeInt32BE(1, 16) // first index
  let at = HEADER_BYTES
  for (const element of elements) {
    at = array.writeInt32BE(element?.length ?? -1, at)
    at += element?.copy(array, at) ?? 0
  }
  return array
}

const HEADER_BYTES = 20
const TEXT_OID = 25
