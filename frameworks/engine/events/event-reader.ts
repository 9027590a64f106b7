import { problem } from '../problems.ts'
import type { JsonValue, NewEvent, Properties, ZonedTime } from './event.ts'
import { parseTime, utc } from './event-time.ts'
import { NESTING_MAX } from './lenient-json.ts'

/**
 * The event in a JSON value, checked in the order and with the messages of PredictionIO.
 *
 * Unknown keys are ignored (old clients always add `appId`), and so are `tags` and `creationTime`.
 *
 * @param nowMs the time of an event that does not carry one
 * @throws Problem `event_invalid` with the message of the first rule that fails
 */
export function readEvent(json: JsonValue, nowMs: number): NewEvent {
  if (!isObject(json)) throw mappingFailed('Expected an event, which is a JSON object.')
  const event: NewEvent = {
    event: requiredText(json, 'event'),
    entityType: requiredText(json, 'entityType'),
    entityId: requiredText(json, 'entityId'),
    targetEntityType: optionalText(json, 'targetEntityType'),
    targetEntityId: optionalText(json, 'targetEntityId'),
    properties: readProperties(json['properties']),
    eventTime: readTime(json['eventTime'], nowMs),
    prId: optionalText(json, 'prId'),
    id: optionalText(json, 'eventId'),
  }
  for (const rule of RULES) if (!rule[0](event)) throw requirementFailed(rule[1](event))
  checkStorable(event)
  return event
}

type Rule = readonly [(event: NewEvent) => boolean, (event: NewEvent) => string]

/** What must hold, in the order in which it is checked, and what is said otherwise. */
const RULES: readonly Rule[] = [
  [(e) => e.event !== '', () => 'event must not be empty.'],
  [(e) => e.entityType !== '', () => 'entityType must not be empty string.'],
  [(e) => e.entityId !== '', () => 'entityId must not be empty string.'],
  [(e) => e.targetEntityType !== '', () => 'targetEntityType must not be empty string'],
  [(e) => e.targetEntityId !== '', () => 'targetEntityId must not be empty string.'],
  [
    (e) => (e.targetEntityType === undefined) === (e.targetEntityId === undefined),
    () => 'targetEntityType and targetEntityId must be specified together.',
  ],
  [
    (e) => e.event !== '$unset' || Object.keys(e.properties).length > 0,
    () => 'properties cannot be empty for $unset event',
  ],
  [
    (e) => !isReserved(e.event) || isSpecial(e.event),
    (e) => `${e.event} is not a supported reserved event name.`,
  ],
  [
    (e) => !isSpecial(e.event) || e.targetEntityType === undefined,
    (e) => `Reserved event ${e.event} cannot have targetEntity`,
  ],
  [
    (e) => isAllowedType(e.entityType),
    (e) => `The entityType ${e.entityType} is not allowed. 'pio_' is a reserved name prefix.`,
  ],
  [
    (e) => e.targetEntityType === undefined || isAllowedType(e.targetEntityType),
    (e) =>
      `The targetEntityType ${e.targetEntityType} is not allowed. 'pio_' is a reserved name prefix.`,
  ],
  [
    (e) => reservedKey(e) === undefined,
    (e) => `The property ${reservedKey(e)} is not allowed. 'pio_' is a reserved name prefix.`,
  ],
]

/** Whether an event changes the properties of its entity. */
export const isSpecial = (event: string): boolean =>
  event === '$set' || event === '$unset' || event === '$delete'

const isReserved = (name: string): boolean => name.startsWith('$') || name.startsWith('pio_')
const isAllowedType = (type: string): boolean => !isReserved(type) || type === 'pio_pr'
const reservedKey = (event: NewEvent): string | undefined =>
  Object.keys(event.properties).find(isReserved)

type JsonObject = Readonly<Record<string, JsonValue>>

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function requiredText(json: JsonObject, field: string): string {
  const value = json[field]
  if (value === undefined) throw dataMapFailed(`The field ${field} is required.`)
  if (value === null) throw dataMapFailed(`The required field ${field} cannot be null.`)
  return textOf(value, field)
}

function optionalText(json: JsonObject, field: string): string | undefined {
  const value = json[field]
  return value === undefined || value === null ? undefined : textOf(value, field)
}

/** Numbers become their decimal text: clients send numeric ids. */
function textOf(value: JsonValue, field: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw mappingFailed(`The field ${field} must be a string.`)
}

function readProperties(value: JsonValue | undefined): Properties {
  if (value === undefined || value === null) return NO_PROPERTIES
  if (!isObject(value)) throw mappingFailed('The field properties must be a JSON object.')
  return value
}

const NO_PROPERTIES: Properties = {}

function readTime(value: JsonValue | undefined, nowMs: number): ZonedTime {
  if (value === undefined || value === null) return utc(nowMs)
  const time = typeof value === 'string' ? parseTime(value) : undefined
  if (time === undefined) throw mappingFailed(`Fail to extract eventTime ${shown(value)}`)
  return time
}

const shown = (value: JsonValue): string =>
  typeof value === 'string' ? value : isScalar(value) ? String(value) : typeof value

const isScalar = (value: JsonValue): value is string | number | bigint | boolean =>
  value !== null && typeof value !== 'object'

/** Refuses what PostgreSQL cannot hold, so that one event never fails the batch it travels in. */
function checkStorable(event: NewEvent): void {
  for (const field of TEXT_FIELDS) checkText(event[field], field)
  if (event.id !== undefined && (event.id === '' || event.id.length > EVENT_ID_LENGTH_MAX)) {
    throw requirementFailed(`eventId must have 1 to ${EVENT_ID_LENGTH_MAX} characters.`)
  }
  checkValue(event.properties, 'properties', 0)
}

const TEXT_FIELDS = [
  'event',
  'entityType',
  'entityId',
  'targetEntityType',
  'targetEntityId',
  'prId',
  'id',
] as const

/** PredictionIO's own column has 32; longer ids are harmless up to what an index row holds. */
const EVENT_ID_LENGTH_MAX = 512

/** Largest name or id: type and id of an entity must fit a PostgreSQL index row (2,704 bytes). */
const TEXT_BYTES_MAX = 1000

function checkText(text: string | undefined, field: string): void {
  if (text === undefined) return
  if (text.length > TEXT_BYTES_MAX / 4 && Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    throw requirementFailed(`The field ${field} is longer than ${TEXT_BYTES_MAX} bytes.`)
  }
  checkCharacters(text, field)
}

function checkCharacters(text: string, field: string): void {
  if (text.includes('\0')) throw requirementFailed(`The field ${field} contains a NUL character.`)
  if (text.isWellFormed()) return
  throw requirementFailed(`The field ${field} contains half a surrogate pair.`)
}

function checkValue(value: JsonValue, field: string, depth: number): void {
  if (typeof value === 'string') checkCharacters(value, field)
  if (typeof value !== 'object' || value === null) return
  if (depth > NESTING_MAX) throw requirementFailed(`The field ${field} is nested too deeply.`)
  for (const key of Object.keys(value)) {
    checkCharacters(key, field)
    checkValue((value as Readonly<Record<string, JsonValue>>)[key] ?? null, field, depth + 1)
  }
}

/** The exception names are part of the wire format: clients of the original match on them. */
const dataMapFailed = (core: string) =>
  problem('event_invalid', `org.apache.predictionio.data.storage.DataMapException: ${core}`)
const mappingFailed = (core: string) =>
  problem('event_invalid', `org.json4s.package$MappingException: ${core}`)
const requirementFailed = (core: string) =>
  problem('event_invalid', `java.lang.IllegalArgumentException: requirement failed: ${core}`)
