import { stripTypeScriptTypes } from 'node:module'
import { reasonOf } from '@hokku/kit/problem'

/** Code without its types, or why it has none: more lines must follow, or it is wrong. */
export type Compiled =
  | Readonly<{ kind: 'complete'; code: string }>
  | Readonly<{ kind: 'incomplete' }>
  | Readonly<{ kind: 'wrong'; message: string }>

/** What was typed at the shell so far, as JavaScript; `await` may stand anywhere. */
export function compile(code: string): Compiled {
  // The import that PredictionIO's documents begin with.
  if (/^\s*import\s+org\.apache\.predictionio\.[\w.{}, ]+;?\s*$/.test(code)) {
    return { kind: 'complete', code: "'PEventStore and LEventStore are loaded already'\n" }
  }
  const stripped = strip(code)
  if (stripped.kind !== 'wrong' || !stripped.message.startsWith('Expression expected')) {
    return stripped
  }
  // Said of `f(1,` as of `}`: only the first becomes better by an expression.
  const continued = strip(`${code} 0`)
  return continued.kind === 'wrong' ? stripped : { kind: 'incomplete' }
}

function strip(code: string): Compiled {
  try {
    return { kind: 'complete', code: stripTypeScriptTypes(code) }
  } catch (error) {
    const message = reasonOf(error)
    if (INCOMPLETE.test(message)) return { kind: 'incomplete' }
    return { kind: 'wrong', message: SCALA.test(code) ? `${message}. ${SCALA_HINT}` : message }
  }
}

const INCOMPLETE = /got '<eof>'|Unexpected eof|Unterminated (?:template|block comment)/

const SCALA = /\(sc\)|\bcase\s*\(|^\s*val\s+\w+\s*=|^\s*import\s+[a-z]+\./m
const SCALA_HINT =
  "This shell speaks TypeScript, e.g. PEventStore.aggregateProperties({ appName: 'my-app', entityType: 'user' })"
