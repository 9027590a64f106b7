import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { R_CODES } from '../../platform/dynos/r-codes.ts'
import { CHAPTERS, errorReference, FILE } from './error-reference.ts'

const ROOT = join(import.meta.dirname, '../..')

test('docs/errors.md is what the tables say: npm run docs:reference', () => {
  assert.equal(readFileSync(FILE, 'utf8'), errorReference())
})

test('every code is explained in sentences, with what to do', () => {
  const unexplained = CHAPTERS.flatMap(({ title, entries }) =>
    entries
      .filter(
        ({ meaning, remedy }) => ![meaning, remedy].every((text) => /^[`A-Z\d].*\.$/.test(text)),
      )
      .map(({ code }) => `${title}: ${code}`),
  )

  assert.deepEqual(unexplained, [])
  assert.ok(CHAPTERS.flatMap(({ entries }) => entries).length > 140)
})

test('every code of a table of problems is used by its product', () => {
  const unused = Object.entries(FOLDERS).flatMap(([title, folder]) => {
    const text = sourceOf(folder)
    return codesOf(title)
      .filter((code) => !text.includes(`'${code}'`))
      .map((code) => `${folder}/problems.ts: nothing fails with ${code}`)
  })

  assert.deepEqual(unused, [])
})

test('the R-codes in the log are those of the table, by the same names', () => {
  const said = [...sourceOf('platform').matchAll(/Error (R\d+) \(([^)]+)\)/g)]
  const known: Readonly<Record<string, { desc: string }>> = R_CODES

  const strange = said.filter(([, code = '', desc]) => known[code]?.desc !== desc)

  assert.deepEqual(strange, [])
  assert.deepEqual(new Set(said.map(([, code]) => code)), new Set(Object.keys(known)))
})

const FOLDERS = {
  Platform: 'platform',
  PostgreSQL: 'postgres',
  Engines: 'frameworks/engine',
  Experiments: 'frameworks/experiment',
  Models: 'frameworks/model',
}

const codesOf = (title: string): string[] =>
  CHAPTERS.find((chapter) => chapter.title === title)?.entries.map(({ code }) => code) ?? []

/** The code of a product, without its tests and its table. */
const sourceOf = (folder: string): string =>
  globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: (path) => path.includes('node_modules') })
    .filter((path) => !/\.(test|system|slow)\.ts$|problems\.ts$/.test(path))
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n')
