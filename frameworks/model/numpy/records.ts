import { problem } from '../problems.ts'
import type { Pickled } from '../pickled.ts'
import { storedArray } from './array.ts'
import { numberReader } from './decode.ts'

/** A packed record array, read a column at a time; offsets come from the file, never from C. */
export type Records = Readonly<{
  length: number
  has: (field: string) => boolean
  /** One field of all records. @throws Problem if the file lacks it */
  column: (field: string) => Float64Array
}>

export function readRecords(value: Pickled | undefined): Records {
  const { bytes, dtype, shape } = storedArray(value)
  if (bytes === undefined || dtype.fields.length === 0) {
    throw problem('pickle_invalid', 'An array of records was expected.')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = shape.reduce((product, axis) => product * axis, 1)
  return {
    length,
    has: (name) => dtype.fields.some((field) => field.name === name),
    column: (name) => {
      const field = dtype.fields.find((candidate) => candidate.name === name)
      if (
        field === undefined ||
        field.offset < 0 ||
        field.offset + field.dtype.itemSize > dtype.itemSize
      ) {
        throw problem('pickle_invalid', `A record array lacks the field ${name}.`)
      }
      const read = numberReader(field.dtype)
      const column = new Float64Array(length)
      for (let i = 0; i < length; i++) column[i] = read(view, i * dtype.itemSize + field.offset)
      return column
    },
  }
}
