import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSparkOptions } from './spark-options.ts'

const memoryOf = (text: string, defaults = {}) =>
  readSparkOptions(text.split(' ').filter(Boolean), 'training', defaults).memoryMb

test('memory flags limit our own process, the driver before the executor before the defaults', () => {
  assert.equal(memoryOf('--executor-memory 1536m --driver-memory 1g'), 1024)
  assert.equal(memoryOf('--executor-memory=1536m'), 1536)
  assert.equal(memoryOf('--conf spark.driver.memory=3g'), 3072)
  assert.equal(memoryOf('', { 'spark.driver.memory': '2g' }), 2048)
  assert.equal(memoryOf('--driver-memory 1g', { 'spark.driver.memory': '2g' }), 1024)
  assert.equal(memoryOf(''), undefined)
})

test('options without effect are reported one by one', () => {
  const { notices } = readSparkOptions(
    ['--jars', 'a.jar', '--conf', 'x=y', '--master', 'local[4]', '--driver-java-options', '-Dx'],
    'training',
    { 'spark.cores.max': '4' },
  )

  assert.deepEqual(
    notices.map((notice) => notice.split(' has no')[0]),
    ['spark.cores.max', '--jars', '--conf x', '--driver-java-options'],
  )
})

test('a cluster is refused for training and reported for serving', () => {
  const master = ['--master', 'spark://host:7077']

  assert.throws(() => readSparkOptions(master, 'training'), { code: 'spark_unavailable' })
  assert.match(readSparkOptions(master, 'serving').notices[0] ?? '', /no effect on serving/)
})

test('a size that is none is refused', () => {
  assert.throws(() => memoryOf('--driver-memory lots'), /a size like 512m or 4g, not 'lots'/)
})
