import { dumps, loads, type PythonValue } from './python-json.ts'

/**
 * A participant's document with other names in place of ids, wherever they stand in it. Very short
 * ids are replaced only where they are a whole text: `1` is in many.
 *
 * @returns undefined if the text is no document: what it holds is not known
 */
export function withPseudonyms(
  text: string,
  names: ReadonlyMap<string, string>,
): string | undefined {
  try {
    return dumps(renamed(loads(text), names))
  } catch {
    return undefined
  }
}

function renamed(value: PythonValue, names: ReadonlyMap<string, string>): PythonValue {
  if (typeof value === 'string') return renamedText(value, names)
  if (Array.isArray(value)) return value.map((one) => renamed(one, names))
  if (!(value instanceof Map)) return value
  return new Map([...value].map(([key, one]) => [renamedText(key, names), renamed(one, names)]))
}

function renamedText(text: string, names: ReadonlyMap<string, string>): string {
  let result = names.get(text) ?? text
  for (const [id, name] of names) {
    if (id.length >= LENGTH_MIN) result = result.replaceAll(id, name)
  }
  return result
}

const LENGTH_MIN = 5
