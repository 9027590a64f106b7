import { isRecord } from '@hokku/kit/record'
import { problem } from '../problems.ts'
import type { QueryServerPlugin } from './query-plugins.ts'
import type { AnyEngine, Engine } from './engine.ts'
import type { AnyEvaluation } from './evaluation.ts'
import type { EngineParams } from './variant.ts'

/** Candidates for an evaluation; a function gets the data source params of the project's engine.json. */
export type ParamsList =
  | readonly EngineParams[]
  | ((dataSourceParams: Readonly<Record<string, unknown>>) => readonly EngineParams[])

/** Everything a module offers, whether it is our own template or the user's `engine.ts`. */
export type EngineModule = Readonly<{
  /** What to call it in messages: a template's name, or the file. */
  name: string
  engine: AnyEngine
  evaluations: Readonly<Record<string, AnyEvaluation>>
  paramsLists: Readonly<Record<string, ParamsList>>
  /** Named sets of parameters, for `--engine-params-key`. */
  engineParams: Readonly<Record<string, EngineParams>>
  /** What may watch predictions; `engine.json` switches them on. */
  plugins: readonly QueryServerPlugin[]
}>

/**
 * A template that is an engine and no more.
 *
 * @example export const ecommerceTemplate = engineOnly('the e-commerce template', engine)
 */
export const engineOnly = <TD, PD, Q, A, P>(
  name: string,
  engine: Engine<TD, PD, Q, A, P>,
): EngineModule => ({
  name,
  // What trains and serves handles engines of any types.
  engine: engine as unknown as AnyEngine,
  evaluations: {},
  paramsLists: {},
  engineParams: {},
  plugins: [],
})

/**
 * What a user's module exports: the engine as default, evaluations and lists of parameters by their
 * names.
 *
 * @throws Problem `engine_invalid`
 */
export function readEngineModule(
  exports: Readonly<Record<string, unknown>>,
  path: string,
): EngineModule {
  const { default: engine, engineParams, plugins } = exports
  if (!isEngine(engine)) {
    throw problem('engine_invalid', `The default export of ${path} is not an engine.`, {
      hint: 'Write: export default defineEngine({ … })',
    })
  }
  const others = Object.entries(exports)
  return {
    name: path,
    engine,
    evaluations: Object.fromEntries(others.filter(isEvaluationEntry)),
    paramsLists: Object.fromEntries(others.filter(isParamsListEntry)),
    engineParams: isRecord(engineParams) ? (engineParams as Record<string, EngineParams>) : {},
    plugins: Array.isArray(plugins) ? (plugins as QueryServerPlugin[]) : [],
  }
}

const isEngine = (value: unknown): value is AnyEngine =>
  isRecord(value) &&
  ['query', 'dataSources', 'preparators', 'algorithms', 'servings'].every((key) =>
    isRecord(value[key]),
  )

const isEvaluationEntry = (entry: [string, unknown]): entry is [string, AnyEvaluation] =>
  isRecord(entry[1]) && isRecord(entry[1]['metric']) && isEngine(entry[1]['engine'])

const isParamsListEntry = (entry: [string, unknown]): entry is [string, readonly EngineParams[]] =>
  Array.isArray(entry[1]) &&
  entry[1].every((item) => isRecord(item) && Array.isArray(item['algorithms']))
