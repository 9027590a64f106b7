import { hash } from 'node:crypto'
import { DEFAULT_CHANNEL, type Feed } from '../events/event.ts'
import type { AccessKey, Channel, MetadataStore } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'

/** Who sends a request: the feed that the key opens, and the events it may write (empty: all). */
export type Caller = Readonly<{ feed: Feed; allowedEvents: readonly string[] }>

export type Credentials = Readonly<{ accessKey: string; channel: string | undefined }>

/**
 * The access key of a request: the query parameter, else the user name of HTTP Basic.
 *
 * `channel` counts with both forms; PredictionIO ignores it with the header.
 *
 * @throws Problem `access_denied`
 */
export function readCredentials(
  query: Readonly<Record<string, unknown>>,
  authorization: string | undefined,
): Credentials {
  const channel = firstText(query['channel'])
  const accessKey = firstText(query['accessKey'])
  if (accessKey !== undefined) return { accessKey, channel }
  if (authorization === undefined) throw problem('access_denied', 'Missing accessKey.')
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1]
  if (encoded === undefined) throw problem('access_denied', 'Invalid accessKey.')
  const [user = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  return { accessKey: user, channel }
}

const firstText = (value: unknown): string | undefined => {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? first : undefined
}

type Known = Readonly<{ key: AccessKey; channels: readonly Channel[] }>
type Entry = Readonly<{ expiresMs: number; known: Promise<Known | undefined> }>

/** Looks up access keys, and remembers them for a moment: a busy client asks ten times a second, not once an event. */
export class KeyRing {
  readonly #metadata: MetadataStore
  /** By hash, so that comparing takes the same time for any guess. */
  readonly #entries = new Map<string, Entry>()

  constructor(metadata: MetadataStore) {
    this.#metadata = metadata
  }

  /** @throws Problem `access_denied`, `storage_unreachable` */
  async open({ accessKey, channel }: Credentials): Promise<Caller> {
    const known = accessKey === '' ? undefined : await this.#lookUp(accessKey)
    if (known === undefined) throw problem('access_denied', 'Invalid accessKey.')
    const { appId, events } = known.key
    if (channel === undefined) {
      return { feed: { appId, channelId: DEFAULT_CHANNEL }, allowedEvents: events }
    }
    const found = known.channels.find(({ name }) => name === channel)
    if (found === undefined) throw problem('access_denied', `Invalid channel '${channel}'.`)
    return { feed: { appId, channelId: found.id }, allowedEvents: events }
  }

  #lookUp(accessKey: string): Promise<Known | undefined> {
    const digest = hash('sha256', accessKey)
    const nowMs = performance.now()
    const entry = this.#entries.get(digest)
    if (entry !== undefined && entry.expiresMs > nowMs) return entry.known
    if (this.#entries.size >= ENTRIES_MAX) this.#entries.clear()
    const known = this.#read(accessKey)
    this.#entries.set(digest, { expiresMs: nowMs + KEPT_MS, known })
    // Only what is there is remembered: a key works as soon as it is made.
    const forget = () => this.#entries.delete(digest)
    known.then((found) => found === undefined && forget(), forget)
    return known
  }

  async #read(accessKey: string): Promise<Known | undefined> {
    try {
      const key = await this.#metadata.accessKey(accessKey)
      if (key === undefined) return undefined
      return { key, channels: await this.#metadata.listChannels(key.appId) }
    } catch (cause) {
      throw problem(
        'storage_unreachable',
        'The access key could not be checked: the database cannot be reached.',
        { cause },
      )
    }
  }
}

/** A deleted key works at most this much longer, in every process. */
const KEPT_MS = 100
/** Keys of apps that come and go must not fill the memory. */
const ENTRIES_MAX = 10_000
