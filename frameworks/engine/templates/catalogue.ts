import type { EngineModule } from '../dase/engine-module.ts'
import type { TemplateCatalogue, TemplateHints } from '../dase/resolve-engine.ts'
import { problem } from '../problems.ts'

/** Our own engine and the Scala names that mean it. */
type Template = Readonly<{
  /** As in `scala/known-sources.json`. */
  name: string
  packages: readonly string[]
  /** Factories and evaluations, without package. */
  objects: readonly string[]
  algorithms: readonly string[]
  load: () => Promise<EngineModule>
}>

export const templates: TemplateCatalogue = {
  find: findTemplate,
  factories: knownFactories,
}

/**
 * The template that a Scala class name means: the one that the engine's sources are of, else by its
 * whole name, else by its last part. One that lacks an algorithm of the engine gives way to one that
 * has all of them.
 *
 * @throws Problem `engine_unknown` for templates that are known but not part of this version
 */
export function findTemplate(
  className: string,
  { template, algorithms = [] }: TemplateHints = {},
): Template | undefined {
  const [, packageName = '', object = ''] = /^(?:(.*)\.)?([^.]*)$/.exec(className) ?? []
  const withObject = TEMPLATES.filter(({ objects }) => objects.includes(object))
  const bySources = withObject.find(({ name }) => name === template)
  if (bySources !== undefined) return bySources
  const later =
    LATER[className] ??
    LATER_ALGORITHMS[algorithms.find((name) => name in LATER_ALGORITHMS) ?? ''] ??
    (withObject.length === 0 ? LATER_OBJECTS[object] : undefined)
  if (later !== undefined) throw comesLater(later, className)
  const exact = withObject.find(({ packages }) => packages.includes(packageName))
  const fitting = withObject.filter((one) =>
    algorithms.every((name) => one.algorithms.includes(name)),
  )
  if (exact !== undefined && (fitting.includes(exact) || fitting.length !== 1)) return exact
  return fitting.length === 1 ? fitting[0] : undefined
}

const comesLater = (template: string, className: string) =>
  problem(
    'engine_unknown',
    `The template ${template} (${className}) is not part of this version yet.`,
    { hint: `Write an engine.ts, or use one of: ${knownFactories().join(', ')}` },
  )

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
    algorithms: ['naive', 'randomforest', 'logisticregression'],
    load: async () => (await import('./classification/attributes.ts')).attributesTemplate,
  },
  {
    name: 'service-plans',
    packages: ['org.template.classification'],
    objects: CLASSIFICATION_OBJECTS,
    algorithms: ['randomforest'],
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
    algorithms: ['als'],
    load: async () => (await import('./recommendation/template.ts')).recommendationTemplate,
  },
  {
    name: 'similar-product',
    packages: [
      'org.example.similarproduct',
      'org.template.similarproduct',
      'org.apache.predictionio.examples.similarproduct',
    ],
    objects: ['SimilarProductEngine'],
    algorithms: ['als', 'cooccurrence'],
    load: async () => (await import('./similar-product/template.ts')).similarProductTemplate,
  },
  {
    name: 'ecommerce',
    packages: [
      'org.example.ecommercerecommendation',
      'org.template.ecommercerecommendation',
      'org.apache.predictionio.examples.ecommercerecommendation',
    ],
    objects: ['ECommerceRecommendationEngine'],
    algorithms: ['ecomm'],
    load: async () => (await import('./ecommerce/template.ts')).ecommerceTemplate,
  },
]

/** Names that must not be taken for the recommendation template by their last part. */
const LATER: Readonly<Record<string, string>> = {
  'org.template.RecommendationEngine': 'universal recommender',
  'com.actionml.RecommendationEngine': 'universal recommender',
}

/** Algorithms that only these have: their authors give the engine any package. */
const LATER_ALGORITHMS: Readonly<Record<string, string>> = {
  ur: 'universal recommender',
  likealgo: 'similar product with likes',
}

const LATER_OBJECTS: Readonly<Record<string, string>> = {
  TextClassificationEngine: 'text classification',
}
