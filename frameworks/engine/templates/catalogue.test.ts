import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findTemplate } from './catalogue.ts'

const MEANT: readonly (readonly [className: string, template: string])[] = [
  ['org.example.classification.ClassificationEngine', 'classification'],
  ['org.apache.predictionio.examples.classification.ClassificationEngine', 'classification'],
  ['org.template.classification.ClassificationEngine', 'service-plans'],
  ['org.template.classification.AccuracyEvaluation', 'service-plans'],
  ['org.example.recommendation.RecommendationEngine', 'recommendation'],
  ['org.template.recommendation.RecommendationEngine', 'recommendation'],
  ['org.apache.predictionio.examples.recommendation.RecommendationEngine', 'recommendation'],
  ['com.mycompany.RecommendationEngine', 'recommendation'],
  ['org.example.similarproduct.SimilarProductEngine', 'similar-product'],
  ['org.example.ecommercerecommendation.ECommerceRecommendationEngine', 'ecommerce'],
  ['org.example.recommendation.ComprehensiveRecommendationEvaluation', 'recommendation'],
]
for (const [className, template] of MEANT) {
  test(`${className} means the template ${template}`, () => {
    assert.equal(findTemplate(className)?.name, template)
  })
}

for (const className of ['com.mycompany.ClassificationEngine', 'com.mycompany.Nope', 'Nope', '']) {
  test(`'${className}' fits no template, or more than one`, () => {
    assert.equal(findTemplate(className), undefined)
  })
}

for (const className of [
  'org.template.RecommendationEngine',
  'com.actionml.RecommendationEngine',
  'org.example.textclassification.TextClassificationEngine',
]) {
  test(`${className} is known to come later`, () => {
    assert.throws(() => findTemplate(className), { code: 'engine_unknown', message: /not part of/ })
  })
}

test('sources decide over names, and names over algorithms', () => {
  const name = 'org.template.classification.ClassificationEngine'

  assert.equal(findTemplate(name, { template: 'classification' })?.name, 'classification')
  assert.equal(findTemplate(name, { algorithms: ['randomforest'] })?.name, 'service-plans')
  assert.equal(findTemplate(name, { algorithms: ['naive'] })?.name, 'classification')
  assert.equal(findTemplate(name, { algorithms: ['nope'] })?.name, 'service-plans')
})

test('an algorithm of the universal recommender names it in any package', () => {
  assert.throws(() => findTemplate('com.myapp.RecommendationEngine', { algorithms: ['ur'] }), {
    code: 'engine_unknown',
    message: /universal recommender/,
  })
})
