import { isArrayWrapper } from '../pickle/joblib.ts'
import { isConstructed, type Pickled } from '../pickled.ts'

/** Which libraries wrote the file, if it says so. */
export type Versions = Readonly<{
  scikitLearn: string | undefined
  estimators: readonly string[]
  /** Whether joblib's way of keeping arrays is found in it. */
  isJoblib: boolean
}>

/** Walks through a pickled value, each object once, and notes versions and class names. */
export function findVersions(root: Pickled): Versions {
  const seen = new Set<unknown>()
  const names = new Set<string>()
  const queue: Pickled[] = [root]
  let scikitLearn: string | undefined
  let isJoblib = false
  while (queue.length > 0) {
    const value = queue.pop()!
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    if (seen.size > OBJECTS_MAX) break
    seen.add(value)
    if (Array.isArray(value)) queue.push(...value.slice(0, ITEMS_MAX))
    else if (value instanceof Map) queue.push(...[...value.values()].slice(0, ITEMS_MAX))
    else if (isConstructed(value)) {
      const state = value.state
      isJoblib ||= isArrayWrapper(value)
      const version = state instanceof Map ? state.get('_sklearn_version') : undefined
      if (typeof version === 'string') {
        scikitLearn ??= version
        if (typeof value.of === 'object' && value.of !== null && 'name' in value.of) {
          names.add(String(value.of.name))
        }
      }
      if (state !== undefined) queue.push(state)
      if (value.content !== undefined) queue.push(value.content)
    }
  }
  return { scikitLearn, estimators: [...names].toSorted(), isJoblib }
}

const OBJECTS_MAX = 200_000
const ITEMS_MAX = 10_000
