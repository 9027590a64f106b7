import { reasonOf } from '@hokku/kit/problem'
import { problem } from '../problems.ts'

/** A component's name and raw parameters, as a variant gives them. */
export type ComponentParams = Readonly<{ name: string; params: unknown }>

/** Which components an engine uses, with which parameters. */
export type EngineParams = Readonly<{
  dataSource: ComponentParams
  preparator: ComponentParams
  algorithms: readonly ComponentParams[]
  serving: ComponentParams
}>

/** An `engine.json`. */
export type Variant = Readonly<{
  id: string
  description: string
  engineFactory: string
  params: EngineParams
  sparkConf: Readonly<Record<string, string>>
  /** Query server plugins by name: the raw objects. */
  plugins: Readonly<Record<string, JsonObject>>
}>

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Reads an `engine.json`. Parameters stay raw: only the engine knows their shape.
 *
 * @param env values of parameters that are written `$NAME`
 * @throws Problem `variant_invalid`
 */
export function parseVariant(
  text: string,
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Variant {
  const json = parseJson(text, path)
  const id = json['id']
  const engineFactory = json['engineFactory']
  if (typeof id !== 'string') {
    throw invalid(`Unable to read engine variant ID from ${path}. Aborting.`)
  }
  if (typeof engineFactory !== 'string') {
    throw invalid(`unable to read engine factory from ${path}. Aborting.`)
  }
  const component = (field: string): ComponentParams => componentOf(json[field], field, env)
  return {
    id,
    engineFactory,
    description: typeof json['description'] === 'string' ? json['description'] : '',
    params: {
      dataSource: component('datasource'),
      preparator: component('preparator'),
      algorithms: algorithmsOf(json['algorithms'], env),
      serving: component('serving'),
    },
    sparkConf: flatten(json['sparkConf'] ?? {}),
    plugins: isObject(json['plugins']) ? (json['plugins'] as Record<string, JsonObject>) : {},
  }
}

function parseJson(text: string, path: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text)
    if (isObject(json)) return json
  } catch (error) {
    throw invalid(`${path} is not valid JSON: ${reasonOf(error)}`)
  }
  throw invalid(`${path} must hold a JSON object.`)
}

type Env = Readonly<Record<string, string | undefined>>

function componentOf(value: unknown, field: string, env: Env): ComponentParams {
  if (value === undefined || value === null) return { name: '', params: {} }
  if (!isObject(value)) throw invalid(`The '${field}' field of engine.json must be an object.`)
  if (value['name'] === undefined && value['params'] === undefined) {
    throw invalid(
      `One of the 'name' or 'params' field is required in engine.json for '${field}': the 'params' field is required in engine.json.`,
    )
  }
  return { name: nameOf(value), params: expand(value['params'] ?? {}, env) }
}

function algorithmsOf(value: unknown, env: Env): ComponentParams[] {
  if (value === undefined || value === null) return [{ name: '', params: {} }]
  if (!Array.isArray(value)) throw invalid("The 'algorithms' field of engine.json must be a list.")
  return value.map((item: unknown, at) => {
    if (!isObject(item) || typeof item['name'] !== 'string') {
      throw invalid(`Algorithm ${at + 1} in engine.json needs a 'name'.`)
    }
    if (item['params'] === undefined) {
      throw invalid(`Algorithm ${at + 1}: the 'params' field is required in engine.json.`)
    }
    return { name: item['name'], params: expand(item['params'], env) }
  })
}

const nameOf = (component: JsonObject): string =>
  typeof component['name'] === 'string' ? component['name'] : ''

/** Parameters that are written `$PIO_…` take the value of that variable, as the documents show. */
function expand(value: unknown, env: Env): unknown {
  if (typeof value === 'string') return expandText(value, env)
  if (Array.isArray(value)) return value.map((item) => expand(item, env))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item, env)]))
}

/** A variable that is not set stays as it is written: a build knows no config vars, a training must. */
function expandText(text: string, env: Env): string {
  const name = VARIABLE.exec(text)?.[1]
  return (name === undefined ? undefined : env[name]) || text
}

const VARIABLE = /^\$(PIO_[A-Z0-9_]+)$/

/** The first variable that parameters ask for in vain. */
export const unsetVariable = (params: unknown): string | undefined =>
  /"\$(PIO_[A-Z0-9_]+)"/.exec(JSON.stringify(params) ?? '')?.[1]

/** `{"a": {"b": 1}}` → `a.b=1`. */
function flatten(value: unknown, prefix = ''): Record<string, string> {
  if (Array.isArray(value)) {
    throw invalid('Arrays are not allowed in the sparkConf section of engine.js.')
  }
  if (!isObject(value)) return { [prefix]: String(value) }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, item]) =>
      flatten(item, prefix === '' ? key : `${prefix}.${key}`),
    ),
  ) as Record<string, string>
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (message: string) => problem('variant_invalid', message)
