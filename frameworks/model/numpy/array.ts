import { problem } from '../problems.ts'
import { classOf, describe, isConstructed, type Constructed, type Pickled } from '../pickled.ts'
import { readDtype, type NumpyDtype } from './dtype.ts'
import { decodeNumbers, decodeTexts } from './decode.ts'

/** An array before its elements are decoded: bytes, or objects for dtype O. */
export type StoredArray = Readonly<{
  shape: readonly number[]
  dtype: NumpyDtype
  fortran: boolean
  bytes: Uint8Array | undefined
  objects: readonly Pickled[] | undefined
}>

/** Numbers in C order, regardless of the file's order and width. */
export type NumberArray = Readonly<{ shape: readonly number[]; data: Float64Array }>

/** Whether `value` is a NumPy array in any of the spellings that files use. */
export function isStoredArray(value: Pickled | undefined): value is Constructed {
  const name = classOf(value)?.name
  return (
    name === '_reconstruct' ||
    name === '_frombuffer' ||
    name === 'NumpyArrayWrapper' ||
    name === '_mareconstruct'
  )
}

/** Reads the array's frame and proves that its bytes are all there. */
export function storedArray(value: Pickled | undefined): StoredArray {
  if (!isConstructed(value) || !isStoredArray(value)) {
    throw problem('pickle_invalid', `An array was expected, not ${describe(value)}.`)
  }
  const array = spelled(value)
  if (array.objects === undefined && array.bytes === undefined) {
    throw problem('pickle_invalid', 'An array has no content.')
  }
  const wanted = array.shape.reduce((product, length) => product * length, 1)
  const present = array.objects?.length ?? (array.bytes?.length ?? 0) / (array.dtype.itemSize || 1)
  if (present !== wanted) {
    throw problem('pickle_invalid', `An array of ${wanted} elements comes with ${present}.`)
  }
  return array
}

/** Elements as doubles. @throws Problem for arrays of text, objects that are not numbers, records */
export function numberArray(value: Pickled | undefined): NumberArray {
  const array = storedArray(value)
  const data =
    array.objects === undefined
      ? decodeNumbers(array.bytes!, array.dtype)
      : Float64Array.from(array.objects, (item) => numberOf(item))
  return { shape: array.shape, data: array.fortran ? toRowMajor(data, array.shape) : data }
}

/** Elements as plain values: numbers, booleans, strings, null, or the objects of the array. */
export function valueArray(value: Pickled | undefined): Pickled[] {
  const array = storedArray(value)
  if (array.objects !== undefined) return array.objects.map((item) => scalarOf(item))
  if (array.dtype.kind === 'U' || array.dtype.kind === 'S') {
    return decodeTexts(array.bytes!, array.dtype)
  }
  const numbers = [...decodeNumbers(array.bytes!, array.dtype)]
  return array.dtype.kind === 'b' ? numbers.map((number) => number !== 0) : numbers
}

/** A Python or NumPy scalar as a plain value; other values come back as they are. */
export function scalarOf(value: Pickled): Pickled {
  if (!isConstructed(value)) return value
  const of = classOf(value)
  if (of?.name === 'scalar' && of.module.startsWith('numpy')) return numpyScalar(value)
  if (isStoredArray(value) && storedArray(value).shape.length === 0) return valueArray(value)[0]!
  return value
}

/** A number from a Python number, a NumPy scalar or a one-element array. */
export function numberOf(value: Pickled | undefined): number {
  const plain = value === undefined ? undefined : scalarOf(value)
  if (typeof plain === 'number') return plain
  if (typeof plain === 'bigint' || typeof plain === 'boolean') return Number(plain)
  if (isStoredArray(plain)) {
    const { data } = numberArray(plain)
    if (data.length === 1) return data[0]!
  }
  throw problem('pickle_invalid', `A number was expected, not ${describe(plain)}.`)
}

function numpyScalar(value: Constructed): Pickled {
  const dtype = readDtype(value.args[0])
  const content = value.args[1]
  if (dtype.kind === 'O') return content ?? null
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  if (!(bytes instanceof Uint8Array) || bytes.length !== dtype.itemSize) {
    throw problem('pickle_invalid', 'A NumPy scalar lacks its bytes.')
  }
  if (dtype.kind === 'U' || dtype.kind === 'S') return decodeTexts(bytes, dtype)[0] ?? ''
  const number = decodeNumbers(bytes, dtype)[0]!
  return dtype.kind === 'b' ? number !== 0 : number
}

function spelled(value: Constructed): StoredArray {
  const name = classOf(value)?.name
  if (name === '_frombuffer') return fromBuffer(value)
  if (name === 'NumpyArrayWrapper') return fromJoblib(value)
  return fromReconstruct(value)
}

/** `_reconstruct(ndarray, (0,), b"b")`, then `(1, shape, dtype, fortran, bytes or list)`. */
function fromReconstruct(value: Constructed): StoredArray {
  const state = value.state
  if (!Array.isArray(state)) throw problem('pickle_invalid', 'An array has no content.')
  const [, shape, dtype, fortran, content] = state
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  return {
    shape: shapeOf(shape),
    dtype: readDtype(dtype),
    fortran: fortran === true,
    bytes: bytes instanceof Uint8Array ? bytes : undefined,
    objects: Array.isArray(bytes) ? inRowOrder(bytes, shapeOf(shape), fortran === true) : undefined,
  }
}

/** Protocol 5: `_frombuffer(bytes, dtype, shape, "C" or "F")`. */
function fromBuffer(value: Constructed): StoredArray {
  const [content, dtype, shape, order] = value.args
  return {
    shape: shapeOf(shape),
    dtype: readDtype(dtype),
    fortran: order === 'F',
    bytes: bytesOf(content),
    objects: undefined,
  }
}

function bytesOf(content: Pickled | undefined): Uint8Array {
  if (content instanceof Uint8Array) return content
  if (isConstructed(content) && content.args[0] instanceof Uint8Array) return content.args[0]
  throw problem('pickle_invalid', `An array's bytes are ${describe(content)}.`)
}

function fromJoblib(value: Constructed): StoredArray {
  const state = value.state
  if (!(state instanceof Map)) throw problem('pickle_invalid', 'A joblib array has no state.')
  const content = value.content
  if (isStoredArray(content)) return storedArray(content)
  return {
    shape: shapeOf(state.get('shape')),
    dtype: readDtype(state.get('dtype')),
    fortran: state.get('order') === 'F',
    bytes: content instanceof Uint8Array ? content : undefined,
    objects: undefined,
  }
}

function shapeOf(shape: Pickled | undefined): number[] {
  const lengths = Array.isArray(shape) ? shape : [shape]
  return lengths.map((length) => {
    if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) return length
    throw problem('pickle_invalid', `An array has the length ${describe(length)}.`)
  })
}

function inRowOrder(objects: Pickled[], shape: readonly number[], fortran: boolean): Pickled[] {
  if (!fortran || shape.length < 2) return objects
  const order = toRowMajor(Float64Array.from(objects.keys()), shape)
  return Array.from(order, (index) => objects[index] ?? null)
}

/** Transposes column-major data of any number of dimensions. */
function toRowMajor(data: Float64Array, shape: readonly number[]): Float64Array {
  if (shape.length < 2) return data
  const out = new Float64Array(data.length)
  const index = shape.map(() => 0)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1))
  for (let i = 0; i < data.length; i++) {
    out[i] = data[index.reduce((at, position, axis) => at + position * strides[axis]!, 0)]!
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) {
      index[axis] = 0
    }
  }
  return out
}
