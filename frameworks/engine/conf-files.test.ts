import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coreSiteProperty, parseSparkDefaults } from './conf-files.ts'

test('spark-defaults are names and values, comments left out', () => {
  const text = '# note\nspark.driver.memory 2g\n spark.x=1 \n\nspark.java -Da=b c\n'

  assert.deepEqual(parseSparkDefaults(text), {
    'spark.driver.memory': '2g',
    'spark.x': '1',
    'spark.java': '-Da=b c',
  })
})

test('a property of core-site is found by its name', () => {
  const xml = `<configuration><property><name>a</name><value>1</value></property>
    <property>\n<name>fs.s3a.endpoint</name>\n<value>s3.example.com</value></property></configuration>`

  assert.equal(coreSiteProperty(xml, 'fs.s3a.endpoint'), 's3.example.com')
  assert.equal(coreSiteProperty(xml, 'b'), undefined)
})
