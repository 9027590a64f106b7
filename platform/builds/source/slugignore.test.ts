import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSlugignore } from './slugignore.ts'

test('patterns are those of .gitignore', () => {
  const isIgnored = parseSlugignore('# comment\n*.psd\n/docs\ntests/\n\nspec/**/*.txt\n')

  assert.ok(isIgnored('deep/down/logo.psd'))
  assert.ok(isIgnored('docs/'))
  assert.ok(!isIgnored('app/docs/'))
  assert.ok(isIgnored('app/tests/'))
  assert.ok(!isIgnored('tests'))
  assert.ok(isIgnored('spec/a/b.txt'))
})

test('there is no negation', () => {
  const isIgnored = parseSlugignore('*.log\n!keep.log\n')

  assert.ok(isIgnored('keep.log'))
})

test('a pattern without wildcards takes the file of that name, wherever it lies', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/)
  fc.assert(
    fc.property(fc.array(name, { maxLength: 4 }), name, (folders, file) => {
      assert.ok(parseSlugignore(`${file}\n`)([...folders, file].join('/')))
    }),
  )
})

test('any file is read without failing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(typeof parseSlugignore(text)('some/path.txt'), 'boolean')
    }),
  )
})
