import type * as z from 'zod'
import { nearest } from '@hokku/kit/command-line'
import { problem } from '../problems.ts'
import type { AnyEngine, Named } from './engine.ts'
import { type ComponentParams, type EngineParams, unsetVariable } from './variant.ts'

/** A component with the parameters that its schema made of the raw ones. */
export type Bound<Component> = Readonly<{ name: string; component: Component; params: unknown }>

type ComponentOf<Kind extends 'dataSources' | 'preparators' | 'algorithms' | 'servings'> =
  AnyEngine[Kind][string]

/** An engine as a variant sets it up. */
export type BoundEngine = Readonly<{
  engine: AnyEngine
  dataSource: Bound<ComponentOf<'dataSources'>>
  preparator: Bound<ComponentOf<'preparators'>>
  algorithms: readonly Bound<ComponentOf<'algorithms'>>[]
  serving: Bound<ComponentOf<'servings'>>
}>

/** @throws Problem `params_invalid` that names the component and every wrong field */
export function bindEngine(engine: AnyEngine, params: EngineParams): BoundEngine {
  return {
    engine,
    dataSource: bind(engine.dataSources, params.dataSource, 'datasource'),
    preparator: bind(engine.preparators, params.preparator, 'preparator'),
    algorithms: params.algorithms.map((one) => bind(engine.algorithms, one, 'algorithm')),
    serving: bind(engine.servings, params.serving, 'serving'),
  }
}

export function bind<Component extends { params: z.ZodType }>(
  components: Named<Component>,
  { name, params }: ComponentParams,
  field: string,
): Bound<Component> {
  const component = componentNamed(components, name, field)
  const unset = unsetVariable(params)
  if (unset !== undefined) {
    throw problem('params_invalid', `engine.json asks for $${unset}, but ${unset} is not set.`)
  }
  const parsed = component.params.safeParse(params)
  if (parsed.success) return { name, component, params: parsed.data }
  const wrong = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'params'}: ${issue.message}`,
  )
  const which = name === '' ? field : `${field} '${name}'`
  throw problem('params_invalid', `The params of the ${which} are not valid: ${wrong.join('; ')}`)
}

/** @throws Problem `params_invalid` that lists the known names */
export function componentNamed<Component>(
  components: Named<Component>,
  name: string,
  field: string,
): Component {
  const component = Object.hasOwn(components, name) ? components[name] : undefined
  if (component !== undefined) return component
  const known = Object.keys(components)
  const close = nearest(name, known)
  throw problem(
    'params_invalid',
    `Unable to find ${field} class with name '${name}' defined in Engine.`,
    {
      hint:
        (close ? `Did you mean '${close}'? ` : '') +
        `Known names: ${known.map((one) => `'${one}'`).join(', ')}`,
    },
  )
}

/** As the metadata keeps parameters: `{"<name>":{…}}`. */
export const paramsJson = ({ name, params }: ComponentParams): string =>
  JSON.stringify({ [name]: params })

export const algorithmsJson = (algorithms: readonly ComponentParams[]): string =>
  JSON.stringify(algorithms.map(({ name, params }) => ({ [name]: params })))
