import * as z from 'zod'
import { nearest } from '@hokku/kit/command-line'
import type { AnyEngine, Named } from './engine.ts'
import { componentNamed } from './params.ts'
import type { ComponentParams, EngineParams } from './variant.ts'

/**
 * Checks that the engine has the components that a variant names, without their parameters.
 *
 * @throws Problem `params_invalid` that lists the known names
 */
export function checkNames(engine: AnyEngine, params: EngineParams): void {
  for (const [components, given, field] of componentsOf(engine, params))
    componentNamed(components, given.name, field)
}

/**
 * One sentence for each parameter of a variant that its component does not have, with the nearest
 * name that it has. They change nothing, so a slip of the pen would go unseen.
 *
 * @example unusedParams(engine, params) // ["The algorithm 'als' has no param lamda … lambda?"]
 */
export function unusedParams(engine: AnyEngine, params: EngineParams): string[] {
  return componentsOf(engine, params).flatMap(([components, { name, params: given }, field]) => {
    const known = namesOf(components[name]?.params)
    if (known === undefined || typeof given !== 'object' || given === null) return []
    const which = name === '' ? field : `${field} '${name}'`
    return Object.keys(given)
      .filter((key) => !known.includes(key))
      .map((key) => `The ${which} has no param ${key}: it changes nothing. ${advice(key, known)}`)
  })
}

function componentsOf(engine: AnyEngine, params: EngineParams) {
  type Row = readonly [Named<{ params: z.ZodType }>, ComponentParams, string]
  return [
    [engine.dataSources, params.dataSource, 'datasource'],
    [engine.preparators, params.preparator, 'preparator'],
    ...params.algorithms.map((one) => [engine.algorithms, one, 'algorithm'] as const),
    [engine.servings, params.serving, 'serving'],
  ] satisfies Row[] as Row[]
}

/** The keys of a plain object; undefined where any key may stand. */
function namesOf(schema: z.ZodType | undefined): string[] | undefined {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined) return undefined
  return Object.keys(schema.shape)
}

function advice(key: string, known: readonly string[]): string {
  const name = nearest(key, known)
  if (name !== undefined) return `Did you mean ${name}?`
  return known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`
}
