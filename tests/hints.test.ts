import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hokku } from '../platform/cli/program.ts'

/** Commands that messages, comments and guides name are there to be typed. */
const ROOT = join(import.meta.dirname, '..')

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Of version 11.10 of the official CLI, made by `heroku commands`, with aliases. */
const official = new Set(read('tests/fixtures/heroku-commands.txt').split('\n').filter(Boolean))
const topics = new Set([...official].map((command) => command.split(':')[0]))
const own = new Set(Object.values(hokku.groups).flatMap((group) => Object.keys(group)))

const texts = globSync(['*.md', '{docs,platform,kit,postgres,examples}/**/*.{ts,md}'], {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules'),
})
  .filter((path) => !/\.(test|system|slow)\.ts$|fixtures|CHANGELOG|docs\/commands\.md/.test(path))
  .map((path) => ({ path, text: read(path) }))

/** Where a command is meant and not the product: in code, and after a colon. */
const START = String.raw`(?:\x60|: |npx |&& )`

function named(program: string): { path: string; words: readonly string[] }[] {
  const pattern = new RegExp(`${START}${program} ([a-z][a-z:-]*)(?: ([a-z][a-z:-]*))?`, 'gm')
  return texts.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(([, ...words]) => ({ path, words: words.filter(Boolean) })),
  )
}

test('every command of hokku that is named exists', () => {
  const found = named('hokku')

  const missing = found.filter(
    ({ words: [word = ''] }) => !own.has(word) && !official.has(word) && !PROSE.has(word),
  )

  assert.deepEqual([...new Set(missing.map(({ path, words }) => `${path}: hokku ${words[0]}`))], [])
  assert.ok(found.length > 40)
})

test('every command of heroku that is named exists', () => {
  const found = named('heroku')

  const missing = found.filter(
    ({ words: [word = ''] }) => !official.has(word) && !isTopic(word) && !PROSE.has(word),
  )

  assert.deepEqual(
    [...new Set(missing.map(({ path, words }) => `${path}: heroku ${words[0]}`))],
    [],
  )
  assert.ok(found.length > 100)
})

/** `heroku redis:*` means all of a topic. */
const isTopic = (word: string): boolean => topics.has(word.replace(/:$/, ''))

/** What follows the name of the product in a sentence, and the name of the official CLI itself. */
const PROSE = new Set([
  'heroku',
  'authority',
  'is',
  'speaks',
  'installs',
  'does',
  'has',
  'schedules',
  'sends',
  'keeps',
  'runs',
  'makes',
])
