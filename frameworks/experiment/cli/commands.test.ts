import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completions } from './commands.ts'
import { parseOptions, splitWords } from './words.ts'

test('Tab completes a command, and then what it does', () => {
  assert.deepEqual(completions('wo'), ['worker '])
  assert.deepEqual(completions('hit e'), ['hit extend ', 'hit expire '])
  assert.deepEqual(completions('worker bonus '), [])
  assert.deepEqual(completions('constructor x'), [])
  assert.ok(completions('').includes('download_datafiles '))
})

test('an option that takes one value leaves the words behind it alone', () => {
  const words = splitWords('--quals QA 2 0.50 --quals "Q B" 1')

  const parsed = parseOptions(words, { '--quals': 'one' })

  assert.deepEqual(parsed.words, ['2', '0.50', '1'])
  assert.deepEqual(parsed.values.get('--quals'), ['QA', 'Q B'])
})

test('an option that takes many values takes all up to the next option', () => {
  const parsed = parseOptions(splitWords('--hit H1 H2 --force'), {
    '--hit': 'many',
    '--force': 'flag',
  })

  assert.deepEqual(parsed.values.get('--hit'), ['H1', 'H2'])
  assert.ok(parsed.flags.has('--force'))
})

test('a word too many and an option without its value are named', () => {
  assert.throws(() => parseOptions(['a', 'b'], {}, 1), /There is no place for b/)
  assert.throws(() => parseOptions(['--hit'], { '--hit': 'one' }), /Option --hit needs a value/)
  assert.throws(() => parseOptions(['--nonsense'], {}), /There is no option --nonsense/)
})
