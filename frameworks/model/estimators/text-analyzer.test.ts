import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonPattern } from './python-pattern.ts'

const words = (pattern: string, text: string): string[] =>
  Array.from(text.matchAll(pythonPattern(pattern)), (match) => match[1] ?? match[0])

test('words are letters, digits and underscores of any script, as in Python', () => {
  assert.deepEqual(words('(?u)\\b\\w\\w+\\b', "don't a café_1 東京 x2 naïve"), [
    'don',
    'café_1',
    '東京',
    'x2',
    'naïve',
  ])
})

test('a group in the pattern is what counts, and classes keep their escapes', () => {
  assert.deepEqual(words('#(\\w+)', '#one two #three'), ['one', 'three'])
  assert.deepEqual(words("[\\w']+|\\d", "it's 5"), ["it's", '5'])
})

test('patterns that could run forever, or that we do not translate, are refused', () => {
  for (const pattern of [
    '(a+)+$',
    '(?:a|aa)*b',
    '(?P<x>a)',
    '(a)\\1',
    '(?<=a)b',
    `${'a'.repeat(501)}`,
    '(',
  ]) {
    assert.throws(() => pythonPattern(pattern), /is not supported/, pattern)
  }
})
