import { problem } from '../problems.ts'
import { isStoredArray, scalarOf, valueArray } from '../numpy/array.ts'
import { classOf, describe, isConstructed, type Pickled } from '../pickled.ts'

/**
 * The values of a pandas Index, of an array of an extension type, of a NumPy array or of a list,
 * in whichever of their many spellings.
 */
export function readLabels(value: Pickled | undefined): Pickled[] {
  if (Array.isArray(value)) return value.map((item) => scalarOf(item))
  if (isStoredArray(value)) return valueArray(value)
  if (!isConstructed(value))
    throw problem('pickle_invalid', `Labels were expected, not ${describe(value)}.`)
  const name = classOf(value)?.name
  if (name === '_new_Index') return indexLabels(value.args[1])
  if (
    name === '__pyx_unpickle_NDArrayBacked' ||
    /String(Array|ArrayNumpySemantics)$/.test(name ?? '')
  ) {
    return extensionLabels(value.state)
  }
  if (name === '_RemainderColsList' || name === 'UserList') return readLabels(dataOf(value.state))
  if (value.items !== undefined) return value.items
  throw problem('pickle_invalid', `Labels were expected, not ${describe(value)}.`)
}

function indexLabels(content: Pickled | undefined): Pickled[] {
  if (!(content instanceof Map)) throw problem('pickle_invalid', 'An index has no content.')
  const [start, stop, step] = ['start', 'stop', 'step'].map((key) => content.get(key))
  if (typeof start === 'number' && typeof stop === 'number' && typeof step === 'number') {
    return range(start, stop, step)
  }
  return readLabels(content.get('data'))
}

function range(start: number, stop: number, step: number): number[] {
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (!(length <= RANGE_MAX)) throw problem('pickle_too_large', `An index has ${length} labels.`)
  return Array.from({ length }, (_, i) => start + i * step)
}

const RANGE_MAX = 10_000_000

/** State `(dtype, ndarray[, …])` or `{_ndarray, _dtype}`. */
function extensionLabels(state: Pickled | undefined): Pickled[] {
  const candidates = state instanceof Map ? [...state.values()] : Array.isArray(state) ? state : []
  const array = candidates.find((item) => isStoredArray(item))
  if (array !== undefined) return valueArray(array)
  const nested = candidates.find((item) => item instanceof Map)
  if (nested !== undefined) return extensionLabels(nested)
  throw problem('pickle_invalid', 'A pandas array has no content.')
}

const dataOf = (state: Pickled | undefined): Pickled | undefined =>
  state instanceof Map ? state.get('data') : undefined
