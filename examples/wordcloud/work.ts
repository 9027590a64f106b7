import { setTimeout as sleep } from 'node:timers/promises'
import { ATTEMPTS_MAX, DEAD, QUEUE, retryQueueFor, type Broker } from './broker.ts'
import type { Config } from './config.ts'
import { countStream, NotText } from './counting/count-stream.ts'
import type { Database } from './database.ts'
import * as documents from './documents.ts'
import type { ObjectStore } from './object-store.ts'

export type Parts = Readonly<{
  config: Config
  database: Database
  store: ObjectStore
  /** Undefined: the database itself is the queue. */
  broker: Broker | undefined
}>

/**
 * One message of the queue. Resolves when nothing more is owed for it: the counts are committed, or
 * the job waits in another queue, or it lies among the dead with its reason.
 */
export async function handleMessage(payload: string, parts: Parts): Promise<void> {
  const { database, broker } = parts
  const id = idIn(payload)
  if (id === undefined) {
    console.error('job refused: it is no JSON with an id')
    return await broker?.publish(DEAD, payload, 'unknown', 'not a job')
  }
  const version = await documents.findVersion(database, id)
  if (version === undefined || version.status === 'done' || version.status === 'failed') return
  const outcome = await countVersion(id, parts)
  if (outcome === undefined || outcome.isCounted) return
  const queue = outcome.isFinal ? DEAD : retryQueueFor(outcome.attempt)
  await broker?.publish(queue, payload, id, outcome.error)
}

function idIn(payload: string): string | undefined {
  try {
    const { id } = JSON.parse(payload) as { id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

type Outcome =
  | Readonly<{ isCounted: true }>
  | Readonly<{ isCounted: false; isFinal: boolean; attempt: number; error: string }>

/** @returns undefined when somebody else is at it; then their end, or their lease's, settles it */
async function countVersion(id: string, parts: Parts): Promise<Outcome | undefined> {
  const { config, database, store } = parts
  const version = await documents.claim(database, id)
  if (version === undefined) return undefined
  const startedAt = performance.now()
  const lost = new AbortController()
  const reporter = startReporter(database, version, lost)
  try {
    const body = await store.get(version.key, lost.signal)
    const counts = await countStream(body, config.mode, reporter.progress)
    await reporter.stop()
    await documents.finish(database, version, counts)
    const seconds = (performance.now() - startedAt) / 1000
    const mbPerS = (counts.bytes / 1e6 / seconds).toFixed(1)
    console.log(
      `counted ${version.slug} version ${version.n}: ${counts.totalWords} words in ${counts.bytes} bytes, ${seconds.toFixed(2)} s, ${mbPerS} MB/s`,
    )
    return { isCounted: true }
  } catch (cause) {
    await reporter.stop()
    const error = cause instanceof Error ? cause.message : String(cause)
    const isFinal = cause instanceof NotText || version.attempt >= ATTEMPTS_MAX
    console.error(`counting ${version.slug} failed (attempt ${version.attempt}): ${error}`)
    await documents.putBack(database, version, error, isFinal)
    return { isCounted: false, isFinal, attempt: version.attempt, error }
  }
}

/** Writes progress four times a second at most, which keeps the lease as well. */
function startReporter(
  database: Database,
  version: documents.Version,
  lost: AbortController,
) {
  let bytes = 0
  let writing = Promise.resolve()
  const timer = setInterval(() => {
    writing = writing.then(async () => {
      const isOurs = await documents.report(database, version, bytes).catch(() => true)
      if (!isOurs) lost.abort(new Error('another worker has taken over'))
    })
  }, PROGRESS_MS)
  return {
    progress: (read: number): void => void (bytes = read),
    stop: async (): Promise<void> => {
      clearInterval(timer)
      await writing
    },
  }
}

const PROGRESS_MS = 300

/** Brings what is owed to the broker, and what is stuck back into the queue. */
export async function keepQueue(parts: Parts, signal: AbortSignal): Promise<void> {
  const { database, broker } = parts
  let reclaimedAt = 0
  while (!signal.aborted) {
    try {
      if (Date.now() - reclaimedAt > RECLAIM_MS) {
        await documents.reclaim(database)
        reclaimedAt = Date.now()
      }
      if (broker !== undefined) {
        await documents.drainOutbox(database, (payload, id) => broker.publish(QUEUE, payload, id))
      }
    } catch (error) {
      console.error(`outbox: ${error instanceof Error ? error.message : String(error)}`)
    }
    await sleep(OUTBOX_MS, undefined, { signal }).catch(() => {})
  }
}

const OUTBOX_MS = 300
const RECLAIM_MS = 5000

/** Counts until `signal`; the job at hand is finished first. */
export async function work(parts: Parts, signal: AbortSignal): Promise<void> {
  const { broker, database } = parts
  if (broker !== undefined) {
    return await broker.consume((payload) => handleMessage(payload, parts), signal)
  }
  while (!signal.aborted) {
    const id = await documents.nextWaiting(database).catch(() => undefined)
    const outcome = id === undefined ? undefined : await countVersion(id, parts)
    if (outcome?.isCounted === true) continue
    await sleep(outcome === undefined ? OUTBOX_MS : RETRY_PAUSE_MS, undefined, { signal }).catch(
      () => {},
    )
  }
}

const RETRY_PAUSE_MS = 2000
