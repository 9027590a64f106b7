import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/** What a newcomer reads first in each room: there, a screen long, and true about file names. */
const ROOT = join(import.meta.dirname, '..')
const GUIDES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/extending.md']

/** Rooms that a newcomer enters first, besides those of the platform. */
const ENTRANCES = [
  'kit',
  'kit/command-line',
  'kit/python-process',
  'postgres',
  'frameworks/engine',
  'frameworks/engine/dase',
  'frameworks/engine/templates',
  'frameworks/experiment',
  'frameworks/experiment/configuration',
  'frameworks/experiment/serve',
  'frameworks/model',
  'frameworks/model/estimators',
]

/** What fits a screen, tables and example included. */
const LINES_MAX = 60

/** Files of an app, a study or a model, which READMEs talk about too. */
const OF_USERS = new Set([
  'app.json',
  'columns.json',
  'custom.py',
  'custom.ts',
  'engine.json',
  'engine.ts',
  'pio-env.sh',
])

/** In the room or a folder of it: texts name a file by its last part once its folder is clear. */
const standsBelow = (room: string, name: string): boolean =>
  exists(join(room, name)) ||
  globSync(`**/${name}`, { cwd: join(ROOT, room), exclude: isPackages }).length > 0

const isPackages = (path: string): boolean => path.includes('node_modules')

const exists = (path: string): boolean => existsSync(join(ROOT, path))

/** Names in backticks that are files or folders, outside of blocks. */
function namedFiles(text: string): string[] {
  const prose = text.replace(/^```[^]*?^```/gm, '')
  return [...prose.matchAll(/`([^`\n]+)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => /^[\w.-][\w./-]*(?:\/|\.(?:ts|js|json|sql|py|sh|md|css))$/.test(name))
}

/** Relative links, without their anchors. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))

const rooms = [...globSync('platform/*/', { cwd: ROOT, exclude: isPackages }), ...ENTRANCES].map(
  (room) => room.replace(/\/$/, ''),
)

const readmes = rooms
  .map((room) => `${room}/README.md`)
  .filter((file) => existsSync(join(ROOT, file)))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))

test('every room has a README', () => {
  const missing = rooms.filter((room) => !existsSync(join(ROOT, room, 'README.md')))

  assert.deepEqual(missing, [])
  assert.ok(rooms.length > 25)
})

test('a README is a screen long and has an example', () => {
  const wrong = readmes
    .filter(({ text }) => text.split('\n').length > LINES_MAX || !text.includes('\n```'))
    .map(({ file }) => file)

  assert.deepEqual(wrong, [])
})

test('READMEs name the files that are there', () => {
  const wrong = readmes.flatMap(({ file, text }) =>
    namedFiles(text)
      .filter((name) => !OF_USERS.has(name))
      .filter((name) => !exists(name) && !standsBelow(dirname(file), name))
      .map((name) => `${file}: there is no ${name}`),
  )

  assert.deepEqual(wrong, [])
})

test('links of READMEs and guides lead somewhere', () => {
  const guides = GUIDES.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))

  const broken = [...readmes, ...guides].flatMap(({ file, text }) =>
    linksOf(text)
      .filter((link) => !exists(join(dirname(file), link)))
      .map((link) => `${file}: ${link} leads nowhere`),
  )

  assert.deepEqual(broken, [])
})

test('names of files are found in a text, examples and placeholders are not', () => {
  const text =
    'See `a.ts`, `b/`, `c/d.sql`, `/route/`, `x()`, `<n>.ts`, `*.ts`.\n```\n`no.ts`\n```\n'

  assert.deepEqual(namedFiles(text), ['a.ts', 'b/', 'c/d.sql'])
})
