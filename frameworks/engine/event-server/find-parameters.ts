import type { EventFilter, Page } from '../events/event-store.ts'
import { parseTime } from '../events/event-time.ts'
import { problem } from '../problems.ts'

type Query = Readonly<Record<string, unknown>>

/**
 * Filter and page of `GET /events.json`.
 *
 * @throws Problem `parameter_invalid`; PredictionIO answers 500 to some of these
 */
export function readFindParameters(query: Query): { filter: EventFilter; page: Page } {
  const filter = {
    startMs: readTime(query, 'startTime'),
    untilMs: readTime(query, 'untilTime'),
    entityType: text(query, 'entityType'),
    entityId: text(query, 'entityId'),
    events: query['event'] === undefined ? undefined : [text(query, 'event') ?? ''],
    targetEntityType: text(query, 'targetEntityType'),
    targetEntityId: text(query, 'targetEntityId'),
  }
  const reversed = readBoolean(query, 'reversed')
  if (reversed && (filter.entityType === undefined || filter.entityId === undefined)) {
    throw problem(
      'parameter_invalid',
      'requirement failed: the parameter reversed can only be used with both entityType and entityId specified.',
    )
  }
  return { filter, page: { limit: readLimit(query), reversed } }
}

function text(query: Query, name: string): string | undefined {
  const value: unknown = Array.isArray(query[name]) ? query[name][0] : query[name]
  return typeof value === 'string' ? value : undefined
}

function readTime(query: Query, name: string): number | undefined {
  const value = text(query, name)
  if (value === undefined) return undefined
  // A plus sign that was not escaped in the URL arrives as a blank.
  const time = parseTime(value.replace(' ', '+'))
  if (time === undefined) throw problem('parameter_invalid', `Invalid format: "${value}"`)
  return time.ms
}

function readLimit(query: Query): number | undefined {
  const value = text(query, 'limit')
  if (value === undefined) return LIMIT_DEFAULT
  const limit = Number(value)
  if (!/^[+-]?\d+$/.test(value) || Math.abs(limit) > INT_MAX) {
    throw malformed('limit', `'${value}' is not a valid 32-bit signed integer value`)
  }
  return limit < 0 ? undefined : limit
}

const LIMIT_DEFAULT = 20
const INT_MAX = 2_147_483_647

function readBoolean(query: Query, name: string): boolean {
  const value = text(query, name)?.toLowerCase()
  if (value === undefined || FALSE.has(value)) return false
  if (TRUE.has(value)) return true
  throw malformed(name, `'${value}' is not a valid Boolean value`)
}

const TRUE = new Set(['true', 'yes', 'on', '1'])
const FALSE = new Set(['false', 'no', 'off', '0'])

/** Says so in plain text, as PredictionIO's HTTP library did. */
const malformed = (name: string, reason: string) =>
  problem('parameter_invalid', `The query parameter '${name}' was malformed:\n${reason}`, {
    details: { isPlainText: true },
  })
