import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/** Comments, messages, names and pages use plain American English: no word of this list. */
const ROOT = join(import.meta.dirname, '..')

/** What not to write, as a regular expression of whole words, and what to write instead. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  whoever: 'anyone who, or name who it is',
  whatever: 'any, even if, or name what it is',
  nobody: 'no one, or say it in the passive: "not used"',
  somebody: 'someone',
  anybody: 'anyone',
  everybody: 'everyone',
  'for ever': 'forever',
  'of (its|their) own(?! (?!(and|with|on|for|in|at|to|that|who|which)\\b)\\w)':
    'its own X, their own X',
  'once more': 'again',
  'nothing of it': 'none of it, or say what is not there',
  'go(es)? on': 'continue, or keep doing',
  'told|tells': 'report, return, print, show, or "called with"',
  shall: 'must, should or will',
  'mend(s|ed|ing)?': 'fix',
  'strangers?': 'unknown, unauthorized, unsupported or foreign',
  'bur(y|ies|ied)': 'remove or clean up',
  'or else': 'otherwise',
  'hands off': 'transfers or leaves to',
  afterwards: 'after that, or afterward',
  towards: 'toward',
  whilst: 'while',
  amongst: 'among',
  'behaviours?': 'behavior',
  'colours?|coloured': 'color',
  'cent(re|res|red)': 'center',
  'neighbours?': 'neighbor',
  'honour(s|ed)?': 'honor',
  'favour(s|ed|ite)?': 'favor',
  cancelled: 'canceled',
  '(initial|serial|recogn|organ|normal|optim|standard|capital|regular|vector)is(e|es|ed|ing|ation|er)':
    'the spelling with z',
}

/** Text that is not ours to word, with the reason. */
const EXEMPT: readonly RegExp[] = [
  /(^|\/)fixtures\//, // data of the originals and of tests
  /stop-words\.ts$/, // word lists
  /^examples\/wordcloud-tutorial\//, // stages that follow a published tutorial
  /^tests\/plain-english\.test\.ts$/,
]

const files = globSync(
  [
    '*.md',
    '{kit,postgres,platform,frameworks,bench,tests,examples,docs,decisions}/**/*.{ts,js,md,sh}',
  ],
  {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules'),
  },
).filter((path) => !EXEMPT.some((exempt) => exempt.test(path)))

/** A word of an address, a path or an identifier in data (`nobody:A`, `/nobody`) is not prose. */
const inProse = (word: string): RegExp =>
  new RegExp(String.raw`(?<![\w/=:.@-])(['"\`]?)\b(?:${word})\b(?![\w/:=@-]|\.\w)(['"\`]?)`, 'gi')

/** A single quoted word is a value: the user `nobody`, Node's summary line `cancelled`. */
const isValue = ([, before, after]: RegExpMatchArray): boolean => before !== '' && before === after

/** Most lines have none of the words: one look leaves them out. */
const ANY = new RegExp(Object.keys(REPLACEMENTS).join('|'), 'i')

const faultsOf = (path: string): string[] =>
  readFileSync(join(ROOT, path), 'utf8')
    .split('\n')
    .map((line, i) => ({ line, i }))
    .filter(({ line }) => ANY.test(line))
    .flatMap(({ line, i }) =>
      Object.entries(REPLACEMENTS).flatMap(([word, instead]) =>
        [...line.matchAll(inProse(word))]
          .filter((match) => !isValue(match))
          .map((match) => `${path}:${i + 1}: "${match[0]}" → ${instead}`),
      ),
    )

test('texts, comments and names are in plain English', () => {
  assert.deepEqual(files.flatMap(faultsOf), [])
})

test('the word list finds words in prose and leaves values alone', () => {
  const found = (line: string): boolean =>
    [...line.matchAll(inProse('nobody'))].some((match) => !isValue(match))

  assert.ok(found('// Nobody waits.'))
  assert.ok(found("'Nobody has taken part yet.'"))
  assert.ok(!found("{ user: 'nobody', num: 5 }"))
  assert.ok(!found("get('/join/nobody')"))
})
