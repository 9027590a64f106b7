import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CHAPTERS, configurationReference, FILE } from './configuration-reference.ts'

const ROOT = join(import.meta.dirname, '../..')
const rows = CHAPTERS.flatMap((chapter) => chapter.rows)

/** Variables of the system and of other programs, or handed from one process of ours to another. */
const FOREIGN = new Set([
  'HOME',
  'PATH',
  // Of Python.
  'PYTHONPATH',
  'VIRTUAL_ENV',
  // Of npm and yarn, as the official buildpack for Node.js reads them.
  'NODE_ENV',
  'NODE_MODULES_CACHE',
  'NPM_CONFIG_PRODUCTION',
  'YARN_PRODUCTION',
  // Of uv and of Heroku's buildpack for Python; docs/builds.md has the second.
  'UV_DEFAULT_INDEX',
  'DISABLE_COLLECTSTATIC',
  // Of buildpacks for other languages; docs/builds.md has them.
  'CRAN_MIRROR',
  'GO_INSTALL_PACKAGE_SPEC',
  'GRADLE_TASK',
  'MAVEN_SETTINGS_PATH',
  'MAVEN_SETTINGS_URL',
  'MVNW_REPOURL',
  'RUSTUP_HOME',
  'RUST_CARGO_BUILD_FLAGS',
  'SBT_CLEAN',
  'SBT_EXTRAS',
  'SBT_OPTS',
  'SBT_PRE_TASKS',
  'SBT_TASKS',
  'SOURCE_VERSION',
  'STACK',
  // Handed over: docs/builds.md has those of the buildpack contract.
  'HOKKU_ANNOUNCE',
  'HOKKU_NODE_DIR',
  'HOKKU_PYTHONS',
  'HOKKU_RUSTS',
  'PIO_ENV_LOADED',
])

const sources = globSync(
  [
    '{kit,postgres,platform,frameworks}/**/*.{ts,sh,erb}',
    'frameworks/engine/buildpack/**/*',
    'frameworks/engine/bin/pio*',
  ],
  { cwd: ROOT, exclude: ({ name }) => name === 'node_modules', withFileTypes: true },
)
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !/\.(test|system|slow)\.ts$|testing\.ts$|fixtures|variables\.ts$/.test(path))
  .filter((path) => !/test-engine\.ts$|client\//.test(path))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))

/** `env['NAME']` in TypeScript, `$PIO_NAME` in shell scripts, `ENV['NAME']` in templates. */
const read = sources.flatMap(({ path, text }) =>
  [
    ...text.matchAll(/\benv\['([A-Z][A-Z_0-9]+)'\]|\$\{?(PIO_[A-Z_0-9]+)|\bENV\['(PIO_\w+)'\]/g),
  ].map(([, ...names]) => ({ path: path.slice(ROOT.length + 1), name: names.find(Boolean) ?? '' })),
)

test('docs/configuration.md is what schemas and tables say: npm run docs:reference', () => {
  assert.equal(readFileSync(FILE, 'utf8'), configurationReference())
})

test('every variable is explained in a sentence', () => {
  const unexplained = rows.filter(({ meaning }) => !/^[`A-Z].*\.$/.test(meaning))

  assert.deepEqual(unexplained, [])
  assert.ok(rows.length > 120)
})

test('every variable that the code reads is explained', () => {
  const explained = new Set(rows.flatMap(({ name }) => name.split('` `')))

  const unknown = read.filter(
    ({ name }) => !explained.has(name) && !FOREIGN.has(name) && !name.startsWith('PIO_STORAGE_'),
  )

  assert.deepEqual(unknown, [])
  assert.ok(read.length > 60)
})

test('every explained variable of a table is read somewhere', () => {
  const text = sources.map((source) => source.text).join('\n')

  const unread = rows
    .flatMap(({ name }) => name.split('` `'))
    .filter((name) => !name.includes('<') && !name.startsWith('PSITURK_'))
    .filter((name) => !new RegExp(`\\b${name}\\b`, 'i').test(text))

  assert.deepEqual(unread, [])
})
