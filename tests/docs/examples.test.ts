import assert from 'node:assert/strict'
import { test } from 'node:test'
import { documented, exampleOf, PACKAGES, reexports } from './examples.ts'

test('everything that engine, experiment and model export has an example in its docstring', () => {
  const exported = PACKAGES.flatMap((name) => documented(name))

  assert.deepEqual(
    exported.filter(({ example }) => !example).map((one) => `${one.package}: ${one.name}`),
    [],
  )
  assert.ok(exported.length > 20)
})

test('an example is what stands behind @example, without stars', () => {
  const text =
    '/** Other. */\nconst b = 1\n/**\n * Adds.\n *\n * @example\n * add(1,\n *   2)\n */\n'

  assert.equal(exampleOf(`${text}export const add = 0`, 'add'), 'add(1,\n  2)')
  assert.equal(exampleOf(`${text}\nconst c = 1\nexport const add = 0`, 'add'), undefined)
})

test('types are no values', () => {
  assert.deepEqual(
    reexports("export { a, type B } from './c.ts'\nexport type { D } from './e.ts'"),
    [{ name: 'a', file: './c.ts' }],
  )
})
