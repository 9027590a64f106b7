import { problem } from '../problems.ts'
import { classOf, describe, isConstructed, type Pickled } from '../pickled.ts'

/** A NumPy element type: kind letter, bytes an element, and for records their packed fields. */
export type NumpyDtype = Readonly<{
  kind: 'b' | 'i' | 'u' | 'f' | 'c' | 'O' | 'S' | 'U' | 'V' | 'M' | 'm'
  itemSize: number
  littleEndian: boolean
  fields: readonly Field[]
  /** Of a datetime: `ns`, `us`, … */
  unit: string | undefined
}>
export type Field = Readonly<{ name: string; dtype: NumpyDtype; offset: number }>

/** Reads `numpy.dtype("f8", False, True)` with its state `(3, order, subdtype, names, fields, …)`. */
export function readDtype(value: Pickled | undefined, depth = 0): NumpyDtype {
  const of = classOf(value)
  if (
    !isConstructed(value) ||
    of?.name !== 'dtype' ||
    !of.module.startsWith('numpy') ||
    depth > 4
  ) {
    throw problem('pickle_invalid', `A NumPy type was expected, not ${describe(value)}.`)
  }
  const [code, state] = [value.args[0], Array.isArray(value.state) ? value.state : []]
  const match = typeof code === 'string' ? /^([biufcOSUVMm])(\d*)$/.exec(code) : null
  if (match === null) throw problem('pickle_invalid', `NumPy type ${describe(code)} is unknown.`)
  const kind = match[1] as NumpyDtype['kind']
  return {
    kind,
    itemSize: itemSizeOf(kind, Number(match[2] ?? 0)),
    littleEndian: state[1] !== '>',
    fields: readFields(state[3], state[4], depth),
    unit: unitOf(state[8]),
  }
}

/** "U5" counts characters of four bytes; every other code counts bytes. */
function itemSizeOf(kind: string, size: number): number {
  if (size > ITEM_BYTES_MAX) throw problem('pickle_invalid', `A NumPy type has ${size} bytes.`)
  if (kind === 'U') return size * 4
  return kind === 'O' ? 8 : kind === 'b' ? 1 : size
}

const ITEM_BYTES_MAX = 1_000_000

function readFields(
  names: Pickled | undefined,
  fields: Pickled | undefined,
  depth: number,
): readonly Field[] {
  if (!Array.isArray(names) || !(fields instanceof Map)) return []
  return names.map((name) => {
    const field = fields.get(name)
    if (typeof name !== 'string' || !Array.isArray(field) || typeof field[1] !== 'number') {
      throw problem('pickle_invalid', 'A NumPy record type names a field that it lacks.')
    }
    return { name, dtype: readDtype(field[0], depth + 1), offset: field[1] }
  })
}

/** Metadata of datetimes: `(metadata, (unit, step, 1, 1))`. */
function unitOf(metadata: Pickled | undefined): string | undefined {
  const inner = Array.isArray(metadata) ? metadata[1] : undefined
  const unit = Array.isArray(inner) ? inner[0] : undefined
  if (unit instanceof Uint8Array) return Buffer.from(unit).toString('latin1')
  return typeof unit === 'string' ? unit : undefined
}
