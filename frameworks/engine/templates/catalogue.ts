import type { EngineModule } from '../dase/engine-module.ts'
import type { TemplateCatalogue } from '../dase/resolve-engine.ts'
import { problem } from '../problems.ts'

/** Our own engine and the Scala names that mean it. */
type Template = Readonly<{
  name: string
  packages: readonly string[]
  /** Factories and evaluations, without package. */
  objects: readonly string[]
  load: () => Promise<EngineModule>
}>

export const templates: TemplateCatalogue = {
  find: findTemplate,
  factories: knownFactories,
}

/**
 * The template that a Scala class name means: by its whole name, else by its last part where only
 * one template has such an object.
 *
 * @throws Problem `engine_unknown` for templates that are known but not part of this version
 */
export function findTemplate(className: string): Template | undefined {
  const [, packageName = '', object = ''] = /^(?:(.*)\.)?([^.]*)$/.exec(className) ?? []
  const withObject = TEMPLATES.filter(({ objects }) => objects.includes(object))
  const exact = withObject.find(({ packages }) => packages.includes(packageName))
  if (exact !== undefined) return exact
  const later = LATER[className] ?? (withObject.length === 0 ? LATER_OBJECTS[object] : undefined)
  if (later !== undefined) {
    throw problem(
      'engine_unknown',
      `The template ${later} (${className}) is not part of this version yet.`,
      {
        hint: `Write an engine.ts, or use one of: ${knownFactories().join(', ')}`,
      },
    )
  }
  return withObject.length === 1 ? withObject[0] : undefined
}

function knownFactories(): string[] {
  return TEMPLATES.flatMap(({ packages, objects }) =>
    packages.map((packageName) => `${packageName}.${objects[0]}`),
  )
}

const CLASSIFICATION_OBJECTS = [
  'ClassificationEngine',
  'AccuracyEvaluation',
  'PrecisionEvaluation',
  'CompleteEvaluation',
]

const TEMPLATES: readonly Template[] = [
  {
    name: 'classification',
    packages: ['org.example.classification', 'org.apache.predictionio.examples.classification'],
    objects: CLASSIFICATION_OBJECTS,
    load: async () => (await import('./classification/attributes.ts')).attributesTemplate,
  },
  {
    name: 'classification of service plans',
    packages: ['org.template.classification'],
    objects: CLASSIFICATION_OBJECTS,
    load: async () => (await import('./classification/service-plan.ts')).servicePlanTemplate,
  },
  {
    name: 'recommendation',
    packages: [
      'org.example.recommendation',
      'org.template.recommendation',
      'org.apache.predictionio.examples.recommendation',
    ],
    objects: [
      'RecommendationEngine',
      'RecommendationEvaluation',
      'ComprehensiveRecommendationEvaluation',
    ],
    load: async () => (await import('./recommendation/template.ts')).recommendationTemplate,
  },
]

/** Names that must not be taken for the recommendation template by their last part. */
const LATER: Readonly<Record<string, string>> = {
  'org.template.RecommendationEngine': 'universal recommender',
  'com.actionml.RecommendationEngine': 'universal recommender',
}

const LATER_OBJECTS: Readonly<Record<string, string>> = {
  SimilarProductEngine: 'similar product',
  ECommerceRecommendationEngine: 'e-commerce recommendation',
  TextClassificationEngine: 'text classification',
}
