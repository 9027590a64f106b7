import type { PropertyMap } from '../events/aggregation.ts'
import { DEFAULT_CHANNEL, type Feed, type StoredEvent } from '../events/event.ts'
import type { Column, EventFilter, EventStore } from '../events/event-store.ts'
import type { App, MetadataStore } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'

/** An app's events, by name or id of the app; `channelName` absent: its default channel. */
export type Selection = Readonly<{ channelName?: string | undefined }> &
  (Readonly<{ appName: string; appId?: never }> | Readonly<{ appId: number; appName?: never }>)

export type FindOptions = Selection &
  Readonly<{
    startTime?: Date
    untilTime?: Date
    entityType?: string
    entityId?: string
    eventNames?: readonly string[]
    /** null: only events without a target. */
    targetEntityType?: string | null
    targetEntityId?: string | null
  }>

export type Limits = Readonly<{
  limit?: number
  /** Newest first. */
  latest?: boolean
}>

/** `latest` is true by default. */
export type FindByEntityOptions = FindOptions &
  Limits &
  Readonly<{
    entityType: string
    entityId: string
    /** Gives up after this time; a minute by default. */
    timeoutMs?: number
  }>

export type AggregateOptions = Selection &
  Readonly<{ entityType: string; startTime?: Date; untilTime?: Date; required?: readonly string[] }>

/**
 * The stored events as components see them, by app name.
 *
 * @throws Problem `app_unknown` (`Invalid app name x`), `channel_invalid`
 */
export type AppEvents = Readonly<{
  /** All matching events, oldest first by default, a batch at a time: memory stays flat. */
  find: (options: FindOptions & Limits) => AsyncGenerator<StoredEvent[], void, undefined>
  /** The same, reduced to some columns as text: the fast way to millions of them. */
  columns: (
    options: FindOptions,
    columns: readonly Column[],
  ) => AsyncGenerator<(string | null)[][], void, undefined>
  /** The events of one entity, as they are right now: for use while answering a query. */
  findByEntity: (options: FindByEntityOptions) => Promise<StoredEvent[]>
  /** Entity id → properties, of all entities of a type. */
  aggregateProperties: (options: AggregateOptions) => Promise<Map<string, PropertyMap>>
}>

/** Where app names and events are; each is opened at its first use. */
export type EventStores = Readonly<{
  metadata: () => Promise<MetadataStore>
  events: () => Promise<EventStore>
}>

export function createAppEvents(stores: EventStores): AppEvents {
  const feeds = new Map<string, Promise<Feed>>()
  const feedOf = (selection: Selection): Promise<Feed> => {
    const key = JSON.stringify([selection.appName, selection.appId, selection.channelName])
    const known = feeds.get(key)
    if (known !== undefined) return known
    const feed = resolveFeed(stores, selection)
    feeds.set(key, feed)
    feed.catch(() => feeds.delete(key))
    return feed
  }
  return {
    async *find(options) {
      const feed = await feedOf(options)
      yield* (await stores.events()).stream(feed, filterOf(options), {
        limit: options.limit,
        reversed: options.latest ?? false,
      })
    },
    async *columns(options, columns) {
      const feed = await feedOf(options)
      yield* (await stores.events()).readColumns(feed, filterOf(options), columns)
    },
    findByEntity: async (options) => {
      const feed = await feedOf(options)
      return (await stores.events()).find(feed, filterOf(options), {
        limit: options.limit,
        reversed: options.latest ?? true,
        timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      })
    },
    aggregateProperties: async (options) => {
      const feed = await feedOf(options)
      return (await stores.events()).aggregateProperties(feed, {
        entityType: options.entityType,
        startMs: options.startTime?.getTime(),
        untilMs: options.untilTime?.getTime(),
        required: options.required,
      })
    },
  }
}

const TIMEOUT_MS = 60_000

async function resolveFeed(stores: EventStores, selection: Selection): Promise<Feed> {
  const { channelName } = selection
  const metadata = await stores.metadata()
  const app = await findApp(selection, metadata)
  if (channelName === undefined) return { appId: app.id, channelId: DEFAULT_CHANNEL }
  const channels = await metadata.listChannels(app.id)
  const channel = channels.find(({ name }) => name === channelName)
  if (channel === undefined)
    throw problem('channel_invalid', `Invalid channel name ${channelName}.`)
  return { appId: app.id, channelId: channel.id }
}

async function findApp({ appName, appId }: Selection, metadata: MetadataStore): Promise<App> {
  const app =
    appName === undefined ? await metadata.appById(appId) : await metadata.appNamed(appName)
  if (app !== undefined) return app
  throw appName === undefined
    ? problem('app_unknown', `Invalid app id ${appId}`, {
        hint: 'pio app list shows the apps there are.',
      })
    : problem('app_unknown', `Invalid app name ${appName}`, {
        hint: `pio app new ${appName} makes it; pio app list shows the apps there are.`,
      })
}

const filterOf = (options: FindOptions): EventFilter => ({
  startMs: options.startTime?.getTime(),
  untilMs: options.untilTime?.getTime(),
  entityType: options.entityType,
  entityId: options.entityId,
  events: options.eventNames,
  targetEntityType: options.targetEntityType,
  targetEntityId: options.targetEntityId,
})
