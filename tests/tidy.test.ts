import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { test } from 'node:test'

/** House rules that no linter knows; each message says what to do instead. */
const ROOT = join(import.meta.dirname, '..')
const files = globSync('{kit,postgres,platform,frameworks,bench,tests,examples}/**/*.ts', {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules'),
})
const sources = files.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** The package a file belongs to: `platform/logs`, `frameworks/model`, `kit`. */
const roomOf = (path: string): string => {
  const [top = '', second = ''] = path.split(sep)
  return top === 'platform' || top === 'frameworks' ? `${top}/${second}` : top
}

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')

test('packages import only index.ts of other packages', () => {
  const trespassers = sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((target) => target.startsWith('.'))
      .map((target) => normalize(join(dirname(path), target)))
      .filter(() => !/^(tests|bench)/.test(path))
      .filter((target) => roomOf(target) !== roomOf(path))
      .filter((target) => !/^platform\/[a-z-]+\/index\.ts$/.test(target))
      // What a package offers to the tests of others.
      .filter(
        (target) => !(target.endsWith('/testing.ts') && /\.(test|system|slow)\.ts$/.test(path)),
      )
      // What a machine has is asked in one place; only tests ask.
      .filter((target) => !(target === 'tests/machine.ts' && /\.(system|slow)\.ts$/.test(path)))
      .map((target) => `${path} → ${target}: import the package's index.ts`),
  )

  assert.deepEqual(trespassers, [])
})

test('frameworks and platform never import each other; kit imports nothing of ours, postgres only kit', () => {
  const forbidden = sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((target) => target.includes('@hokku/'))
      .filter((target) => !sharedBy(path).some((shared) => shared.test(target)))
      .filter(() => !/^(tests|bench)/.test(path))
      .filter((target) => {
        const [top = '', second = ''] = path.split(sep)
        return top !== 'frameworks' || !target.endsWith(`/${second}`)
      })
      .filter(() => !path.startsWith('examples') && !/fixtures|template/.test(path))
      .map((target) => `${path} → ${target}`),
  )

  assert.deepEqual(forbidden, [])
})

/** The packages that a file's workspace may import. */
function sharedBy(path: string): RegExp[] {
  if (path.startsWith(`kit${sep}`)) return []
  const kit = /^@hokku\/kit\//
  return path.startsWith(`postgres${sep}`)
    ? [kit]
    : [kit, /^@hokku\/postgres(\/(testing|postmaster))?$/]
}

test('imports name the .ts file they mean', () => {
  const wrong = sources
    .filter(({ path }) => !path.startsWith('examples'))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter((target) => target.startsWith('.') && /\.[cm]?js$|\/[^.]+$/.test(target))
        .filter((target) => !target.includes('/static/'))
        .map((target) => `${path} → ${target}`),
    )

  assert.deepEqual(wrong, [])
})

test('the environment is read in config.ts and main.ts only', () => {
  const readers = sources
    .filter(({ path }) => !/^(tests|bench|examples)/.test(path))
    .filter(
      ({ path }) =>
        !/(config|main|testing|cli\/.*|bin\/.*)\.ts$|\.(test|system|slow)\.ts$|fixtures/.test(path),
    )
    .filter(({ text }) => /process\.env\b(?!\s*\/\/)/.test(text))
    .map(({ path }) => `${path}: take what you need from the environment as an argument`)

  assert.deepEqual(readers, [])
})
