import type { ComponentParams, EngineParams } from '../dase/variant.ts'
import type { Variation } from './variations.ts'

/**
 * The parameters that an engine with these changes has: what the changes imply, and over it what
 * `engine.json` says.
 *
 * @example applyVariations(params, [{ name: 'views', dataSource: { events: { view: 1 } } }])
 */
export function applyVariations(
  params: EngineParams,
  variations: readonly Variation[],
): EngineParams {
  const dataSource = Object.assign({}, ...variations.map((one) => one.dataSource)) as object
  const algorithm = Object.assign({}, ...variations.map((one) => one.algorithm)) as object
  return {
    ...params,
    dataSource: under(params.dataSource, dataSource),
    algorithms: params.algorithms.map((one) => under(one, algorithm)),
  }
}

/** Parameters that are no object are refused later, by the component that wants them. */
const under = (given: ComponentParams, implied: object): ComponentParams =>
  typeof given.params === 'object' && given.params !== null && !Array.isArray(given.params)
    ? { ...given, params: { ...implied, ...given.params } }
    : given
