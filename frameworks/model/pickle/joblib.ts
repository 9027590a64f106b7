import { problem } from '../problems.ts'
import { readDtype } from '../numpy/dtype.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { classOf, type Constructed, type Pickled } from '../pickled.ts'

/** Whether BUILD on this object is followed by the raw content of an array. */
export function isArrayWrapper(object: Constructed): boolean {
  const of = classOf(object)
  return of?.name === 'NumpyArrayWrapper' && of.module.endsWith('numpy_pickle')
}

/**
 * Reads the array that follows a joblib wrapper: padding if alignment is noted, then raw bytes in
 * the order that the wrapper names; arrays of objects are their own pickle.
 */
export function contentOf(
  wrapper: Constructed,
  cursor: ByteCursor,
  readNested: () => Pickled,
): Uint8Array | Pickled {
  const state = wrapper.state
  if (!(state instanceof Map)) throw broken('has no state')
  const dtype = readDtype(state.get('dtype'))
  if (dtype.kind === 'O') return readNested()
  const alignment = state.get('numpy_array_alignment_bytes')
  if (alignment !== undefined && alignment !== null) cursor.take(cursor.u8())
  return cursor.take(bytesOf(state.get('shape'), dtype.itemSize))
}

function bytesOf(shape: Pickled | undefined, itemSize: number): number {
  if (!Array.isArray(shape)) throw broken('has no shape')
  let bytes = BigInt(itemSize)
  for (const length of shape) {
    if (typeof length !== 'number' || length < 0) throw broken('has a negative length')
    bytes *= BigInt(length)
  }
  return bytes > Number.MAX_SAFE_INTEGER ? Infinity : Number(bytes)
}

const broken = (what: string): Error =>
  problem('pickle_invalid', `A joblib array in the pickle ${what}.`)
