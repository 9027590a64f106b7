import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from './arguments.ts'

test('options of node pass through, whether their value is joined or not', () => {
  const { patterns, nodeOptions } = readRequest([
    'model',
    '--test-name-pattern',
    'drift',
    '--test-concurrency=1',
    '--test-only',
    'engine',
  ])

  assert.deepEqual(patterns, ['model', 'engine'])
  assert.deepEqual(nodeOptions, [
    '--test-name-pattern=drift',
    '--test-concurrency=1',
    '--test-only',
  ])
})

test('our own flags are not handed to node', () => {
  const request = readRequest(['--all', '--unit', '--install', '--watch'])

  assert.deepEqual(request, {
    all: true,
    unit: true,
    install: true,
    watch: true,
    patterns: [],
    nodeOptions: [],
  })
})

test('a word that is called like our own flag is a part of a path', () => {
  const request = readRequest(['install'])

  assert.equal(request.install, false)
  assert.deepEqual(request.patterns, ['install'])
})
