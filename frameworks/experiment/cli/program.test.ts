import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completions, withHelp } from './program.ts'
import { splitWords } from './split-words.ts'

test('Tab completes a command, then what it does, then its options', async () => {
  assert.deepEqual(await completions('wo'), ['worker '])
  assert.deepEqual(await completions('hit e'), ['hit extend ', 'hit expire '])
  assert.deepEqual(await completions('mode s'), ['mode sandbox '])
  assert.deepEqual(await completions('worker bonus --am'), ['worker bonus --amount '])
  assert.deepEqual(await completions('worker bonus '), [])
  assert.deepEqual(await completions('constructor x'), [])
  assert.ok((await completions('')).includes('download_datafiles '))
})

test('a line is split like a line of a shell', () => {
  assert.deepEqual(splitWords(`--quals QA 2 "Q \\"B" 'a b'c \\ d`), [
    '--quals',
    'QA',
    '2',
    'Q "B',
    'a bc',
    ' d',
  ])
  assert.throws(() => splitWords('say "hello'), { code: 'misuse', message: 'A " is not closed' })
})

test('a family alone shows what there is', () => {
  assert.deepEqual(withHelp(['hit']), ['hit', 'help'])
  assert.deepEqual(withHelp(['hit', 'list']), ['hit', 'list'])
  assert.deepEqual(withHelp(['serve']), ['serve'])
  assert.deepEqual(withHelp([]), [])
})
