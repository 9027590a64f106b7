import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptSources } from './accept-sources.ts'
import { applyVariations } from './apply-variations.ts'
import { engineFromScala } from './engine-from-scala.ts'
import { fingerprintOf } from './fingerprint.ts'
import { judgeSources } from './judge-sources.ts'
import { VARIATIONS } from './variations.ts'

const SERVING = `
/* Licensed … */
package org.example.recommendation

import org.apache.predictionio.controller.LServing // a library

class Serving extends LServing[Query, PredictedResult] {

  override
  def serve(query: Query, predictedResults: Seq[PredictedResult]): PredictedResult = {
    predictedResults.head
  }
}
`

test('packages, known imports, comments and white space do not count', () => {
  const other = SERVING.replace('org.example.recommendation', 'com.mycompany')
    .replace('LServing // a library', 'LServing')
    .replaceAll('  ', '\t')

  assert.equal(fingerprintOf(other), fingerprintOf(SERVING))
})

test('strings, names and foreign imports count', () => {
  for (const [before, after] of [
    ['predictedResults.head', 'predictedResults.last'],
    ['class Serving', 'import com.mycompany.Seq\nclass Serving'],
    ['predictedResults.head', 'println("http://a") ; predictedResults.head'],
  ] as const) {
    assert.notEqual(fingerprintOf(SERVING.replace(before, after)), fingerprintOf(SERVING), after)
  }
  const url = (path: string): string => `class A { val a = "http://x/${path}" }`
  assert.notEqual(fingerprintOf(url('one')), fingerprintOf(url('two')))
})

test('the order of classes and the name of the app do not count', () => {
  const engine = (app: string, first: string, second: string): string =>
    `${first}\n\n${second}\n\nobject E { val p = DataSourceParams(appName = "${app}") }`
  const query = 'case class Query(user: String, num: Int) extends Serializable'
  const result = 'case class Result(\n  items: Array[Item]\n) extends Serializable'

  assert.equal(
    fingerprintOf(engine('INVALID_APP_NAME', query, result)),
    fingerprintOf(engine('MyApp1', result, query)),
  )
  const reads = (app: string): string =>
    fingerprintOf(`object A { find(appName = ${app}, entityType = "user") }`)
  assert.equal(
    reads('sys.env.getOrElse("PIO_EVENTSERVER_APP_NAME", dsp.appName)'),
    reads('dsp.appName'),
  )
  assert.notEqual(reads('"a", entityType = "item"'), reads('"a"'))
})

test('an official source is known, with its template; a changed one is named', () => {
  const known = { path: 'src/main/scala/Serving.scala', fingerprint: fingerprintOf(SERVING) }
  const als = { path: 'src/main/scala/ALSAlgorithm.scala', fingerprint: 'c0ffee' }

  assert.deepEqual(judgeSources([]), { template: undefined, variations: [], unknown: [] })
  assert.deepEqual(judgeSources([known]).unknown, [])
  assert.deepEqual(judgeSources([known, als]).unknown, [als.path])
})

test('a documented change becomes parameters, and engine.json counts more', () => {
  const [fingerprint = ''] = [...VARIATIONS.keys()]
  const { template, variations } = judgeSources([{ path: 'DataSource.scala', fingerprint }])
  const none = { name: '', params: {} }
  const als = { name: 'als', params: { rank: 5 } }
  const params = {
    dataSource: { name: '', params: { appName: 'shop', events: { like: 5 } } },
    preparator: none,
    algorithms: [als],
    serving: none,
  }

  const { dataSource, algorithms } = applyVariations(params, variations)

  assert.equal(template, 'recommendation')
  assert.deepEqual(dataSource.params, {
    entityType: 'customer',
    targetEntityType: 'product',
    appName: 'shop',
    events: { like: 5 },
  })
  assert.deepEqual(algorithms, [als])
})

test('unknown sources are refused, or accepted with a sentence to repeat', () => {
  const changed = { unknown: ['src/main/scala/A.scala'] }

  assert.equal(acceptSources({ unknown: [] }, 'the template', {}), undefined)
  assert.throws(() => acceptSources(changed, 'the template', {}), {
    code: 'scala_unknown',
    message: /A\.scala/,
    hint: /pio template new --from \.[^]*PIO_ACCEPT_CHANGED_SCALA=true/,
  })
  assert.match(
    acceptSources(changed, 'the template', { PIO_ACCEPT_CHANGED_SCALA: 'true' }) ?? '',
    /the template is used, without what is changed in src\/main\/scala\/A\.scala/,
  )
})

test('an engine.ts to start from holds the changed Scala as comments', () => {
  const text = engineFromScala('export default 1\n', [{ path: 'A.scala', text: 'class A\n\n}\n' }])

  assert.match(text, /^export default 1\n[^]*\/\/ ---- A\.scala\n\/\/ class A\n\/\/\n\/\/ \}\n$/)
})

test('every documented change is of a known source', () => {
  for (const [fingerprint, { name }] of VARIATIONS) {
    assert.deepEqual(judgeSources([{ path: 'x', fingerprint }]).unknown, [], name)
  }
})
