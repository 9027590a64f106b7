import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitions, hanging, wrapped } from './text.ts'

test('a text is broken between words, at 80 columns with its indent', () => {
  const lines = wrapped('word '.repeat(40).trim(), '    ').split('\n')

  assert.equal(lines.length, 3)
  assert.ok(lines.every((line) => line.length <= 80 && line.startsWith('    word')))
  assert.equal(wrapped('x'.repeat(100)), 'x'.repeat(100))
})

test('a usage line is broken between its options, and hangs', () => {
  const usage = hanging(`Usage: tool ${'[--option VALUE]... '.repeat(5).trim()}`, 7)

  assert.equal(
    usage,
    `Usage: tool ${'[--option VALUE]... '.repeat(3).trim()}
       [--option VALUE]... [--option VALUE]...`,
  )
})

test('meanings stand beside their terms, below those that are too long', () => {
  const long = `--${'x'.repeat(40)}`

  assert.equal(
    definitions([
      ['a', 'First.'],
      [long, 'Second.'],
    ]),
    `  a${' '.repeat(33)}First.\n  ${long}\n${' '.repeat(36)}Second.`,
  )
})
