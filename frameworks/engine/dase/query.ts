import * as z from 'zod'
import { problem } from '../problems.ts'
import type { JsonValue } from '../events/event.ts'

/**
 * The query in a JSON value. Numbers are accepted where text is wanted (clients send numeric ids),
 * decimals where integers are, as PredictionIO's reader does; a missing field is an error, never 0.
 *
 * @throws Problem `query_invalid` in the words of PredictionIO
 */
export function readQuery<Q>(schema: z.ZodType<Q>, json: JsonValue): Q {
  const first = schema.safeParse(json)
  if (first.success) return first.data
  const second = schema.safeParse(coerce(json, first.error.issues))
  if (second.success) return second.data
  throw problem('query_invalid', second.error.issues.map(explain).join('\n'))
}

/**
 * The fields of a query that its engine does not know; none where the engine takes any.
 *
 * @example unknownKeys(z.object({ user: z.string() }), { user: 'u1', blackList: [] }) // ['blackList']
 */
export function unknownKeys(schema: z.ZodType, json: JsonValue): string[] {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined) return []
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return []
  return Object.keys(json).filter((key) => !Object.hasOwn(schema.shape, key))
}

type Issue = z.core.$ZodIssue

function coerce(json: JsonValue, issues: readonly Issue[]): unknown {
  const copy = structuredClone(json) as unknown
  const root = { '': copy }
  for (const issue of issues) {
    const path = ['', ...issue.path]
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => child(at, key), root)
    const key = path.at(-1) ?? ''
    const value = coerced(issue, child(parent, key))
    if (value !== undefined) (parent as Record<PropertyKey, unknown>)[key] = value
  }
  return root['']
}

const child = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined

function coerced(issue: Issue, value: unknown): unknown {
  if (issue.code !== 'invalid_type') return undefined
  if (issue.expected === 'string' && (typeof value === 'number' || typeof value === 'bigint')) {
    return String(value)
  }
  return issue.expected === 'int' && typeof value === 'number' ? Math.trunc(value) : undefined
}

function explain(issue: Issue): string {
  const field = issue.path.join('.') || 'the query'
  const wanted = issue.code === 'invalid_type' ? JVM_TYPES[issue.expected] : undefined
  const reason =
    wanted === undefined
      ? issue.message
      : `Did not find value which can be converted into ${wanted}`
  return `No usable value for ${field}\n${reason}`
}

const JVM_TYPES: Readonly<Record<string, string>> = {
  string: 'java.lang.String',
  number: 'double',
  int: 'int',
  boolean: 'boolean',
  array: 'scala.collection.immutable.List',
  object: 'a JSON object',
}
