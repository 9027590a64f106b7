/**
 * What a Scala source says, without what does not change its meaning: comments, white space, the
 * package, imports of known libraries, the name of the app, and the order of its classes.
 *
 * @example normalizeScala('package a\nclass A // note') === normalizeScala('package b\nclass  A')
 */
export function normalizeScala(source: string): string {
  const code = withoutComments(source)
    .split('\n')
    .filter((line) => !/^\s*package\s+[\w.]+\s*$/.test(line) && !KNOWN_IMPORT.test(line))
    .join('\n')
  const text = tokensOf(code).join('').replaceAll(APP, '$1=APP')
  return declarations(text).toSorted().join('\n')
}

/** PredictionIO changed its name, and versions its imports; these never decide what code does. */
const KNOWN_IMPORT =
  /^\s*import\s+(?:io\.prediction|org\.apache\.(?:predictionio|spark)|grizzled\.slf4j|org\.json4s|scala|java|com\.github\.nscala_time)\b/

/**
 * Which app is read, as a named argument: a name, or how it comes from parameters or the environment,
 * as the documents of Heroku advise. Ours reads both.
 */
const APP = /\b(app(?:Name|Id)) ?=(?:[^,(){}"]|"[^"]*"|\((?:[^()"]|"[^"]*")*\))+(?=[,)])/g

/** A string (raw or not), a character, a comment, white space, or one other character. */
const TOKEN =
  /"""[^]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'|\/\*[^]*?\*\/|\/\/[^\n]*|\s+|\w+|./gsu

const withoutComments = (source: string): string =>
  source.replaceAll(TOKEN, (token) => (/^\/[*/]/.test(token) ? ' ' : token))

/** White space stays, as one blank, only between two words. */
function tokensOf(code: string): string[] {
  const kept: string[] = []
  let isApart = false
  for (const [token] of code.matchAll(TOKEN)) {
    if (/^\s+$/.test(token)) isApart = true
    else {
      const joins = isApart && /\w$/.test(kept.at(-1) ?? '') && /^\w/.test(token)
      kept.push(joins ? ` ${token}` : token)
      isApart = false
    }
  }
  return kept
}

/** Classes, objects and traits of the outermost level, each whole. */
function declarations(text: string): string[] {
  const found: string[] = []
  let start = 0
  let depth = 0
  let before = ''
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (/^\s+$/.test(token)) continue
    if (depth === 0 && OPENS.has(token) && !OPENS.has(before)) {
      found.push(text.slice(start, index).trim())
      start = index
    }
    if (/^[([{]$/.test(token)) depth += 1
    else if (/^[)\]}]$/.test(token)) depth -= 1
    before = token
  }
  return [...found, text.slice(start).trim()].filter((part) => part !== '')
}

/** Words that a declaration begins with, in a row: `private case class`. */
const OPENS: ReadonlySet<string> = new Set(
  'case class object trait abstract sealed final private implicit'.split(' '),
)
