/** A JSON value as we keep it: integers beyond 2^53 arrive as `bigint`, so that none is rounded. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | Readonly<{ [key: string]: JsonValue }>

export type Properties = Readonly<Record<string, JsonValue>>

/** An instant with the offset it was written in: `21:39-07:00` is given back as `-07:00`. */
export type ZonedTime = Readonly<{ ms: number; offsetMinutes: number }>

/** Something that happened to an entity, as the event server accepts it. */
export type NewEvent = Readonly<{
  /** The client's own id; undefined lets the store make one. */
  id: string | undefined
  event: string
  entityType: string
  entityId: string
  targetEntityType: string | undefined
  targetEntityId: string | undefined
  properties: Properties
  eventTime: ZonedTime
  prId: string | undefined
}>

/** An event as the store gives it back; times in milliseconds since the epoch. */
export type StoredEvent = NewEvent & Readonly<{ id: string; creationTime: ZonedTime }>

/** The stream of an app: its default channel (0) or one of its channels. */
export type Feed = Readonly<{ appId: number; channelId: number }>

export const DEFAULT_CHANNEL = 0
