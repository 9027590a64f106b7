import { problem } from '../problems.ts'
import { loadUserEngine } from './effects/user-code.ts'
import type { EngineModule } from './engine-module.ts'
import type { AnyEngine } from './engine.ts'
import type { AnyEvaluation } from './evaluation.ts'

/** The engines that come with us, by the Scala names that mean them. */
export type TemplateCatalogue = Readonly<{
  /** @throws Problem `engine_unknown` for templates that are known but not part of this version */
  find: (
    className: string,
    hints: TemplateHints,
  ) => Readonly<{ load: () => Promise<EngineModule> }> | undefined
  /** Full class names of the factories, for messages. */
  factories: () => string[]
}>

/** What decides between templates of one class name: names of classes were used again and again. */
export type TemplateHints = Readonly<{
  /** The template that the engine's own sources are of. */
  template?: string | undefined
  /** Names of the algorithms in `engine.json`. */
  algorithms?: readonly string[]
}>

/**
 * What an engine directory and an `engineFactory` mean: the project's own `engine.ts`, or otherwise the
 * template that a Scala name of PredictionIO's stands for. A trailing `$` is ignored, and a name of
 * an evaluation means its engine.
 *
 * @throws Problem `engine_unknown` that lists the known names
 */
export async function resolveEngine(
  directory: string,
  factory: string,
  templates: TemplateCatalogue,
  hints: TemplateHints = {},
): Promise<EngineModule> {
  const own = await loadUserEngine(directory)
  if (own !== undefined) return own
  const template = templates.find(factory.replace(/\$$/, ''), hints)
  if (template !== undefined) return template.load()
  throw problem('engine_unknown', `No template is known for the engine factory ${factory}.`, {
    hint: `Write an engine.ts, or use one of: ${templates.factories().join(', ')}`,
  })
}

/** The engine to train: that of the evaluation, if the factory names one. */
export function engineOf(module: EngineModule, factory: string): AnyEngine {
  const evaluation = findNamed(module.evaluations, factory)
  return evaluation === undefined ? module.engine : (evaluation.engine as unknown as AnyEngine)
}

/** @throws Problem `engine_unknown` that lists the evaluations there are */
export function requireEvaluation(module: EngineModule, name: string): AnyEvaluation {
  const evaluation = findNamed(module.evaluations, name)
  if (evaluation !== undefined) return evaluation
  throw problem('engine_unknown', `${module.name} has no evaluation called ${name}.`, {
    hint: `It has: ${Object.keys(module.evaluations).join(', ') || 'none'}`,
  })
}

/** `org.example.x.AccuracyEvaluation$` finds `AccuracyEvaluation`. */
export function findNamed<Value>(
  values: Readonly<Record<string, Value>>,
  name: string,
): Value | undefined {
  const last = name.replace(/\$$/, '').split('.').at(-1) ?? ''
  return Object.hasOwn(values, last) ? values[last] : undefined
}
