import { addAbortSignal } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ATTEMPTS_MAX, backOffMs, type Broker } from './broker.ts'
import type { Config } from './config.ts'
import { countStream, NotText, type FileCounts } from './counting/count-stream.ts'
import type { Database } from './database.ts'
import { findVersion, type Version } from './documents.ts'
import * as jobs from './jobs.ts'
import type { ObjectStore } from './object-store.ts'

export type Parts = Readonly<{
  config: Config
  database: Database
  store: ObjectStore
  /** Undefined: the database itself is the queue. */
  broker: Broker | undefined
}>

/** Counts until `signal`; the job at hand is finished then if that is soon, else given back. */
export async function work(parts: Parts, signal: AbortSignal): Promise<void> {
  const { broker, database } = parts
  const hurry = later(signal, FINISH_MS_MAX)
  if (broker !== undefined) {
    return await broker.consume((payload) => handleMessage(payload, parts, hurry), signal)
  }
  while (!signal.aborted) {
    const id = await jobs.nextWaiting(database).catch(() => undefined)
    const outcome = id === undefined ? undefined : await countVersion(id, parts, hurry)
    if (outcome?.end === 'counted') continue
    const pauseMs = outcome === undefined ? LOOK_MS : RETRY_PAUSE_MS
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}

/** A platform gives 30 seconds, others 10. */
const FINISH_MS_MAX = 7000
const LOOK_MS = 300
const RETRY_PAUSE_MS = 2000

/** Aborts `ms` after `signal`. */
function later(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController()
  const start = (): void =>
    void setTimeout(() => controller.abort(new Error('this worker stops')), ms).unref()
  signal.addEventListener('abort', start, { once: true })
  return controller.signal
}

/**
 * One message of the queue. Resolves when nothing more is owed for it: the counts are committed, or
 * the job waits in another queue, or it is in the dead-letter queue with its reason.
 */
export async function handleMessage(
  payload: string,
  parts: Parts,
  hurry: AbortSignal,
): Promise<void> {
  const { database, broker } = parts
  const job = jobIn(payload)
  if (job === undefined) {
    console.error('job refused: it is no JSON with an id')
    return await broker?.publish('dead', payload, 'unknown', 'not a job')
  }
  const version = await findVersion(database, job.id)
  if (version === undefined || version.status === 'done' || version.status === 'failed') return
  const outcome = await countVersion(job.id, parts, hurry)
  if (outcome?.end === 'stopped') throw new Error('this worker stops')
  if (outcome?.end !== 'failed') return
  const to = outcome.isFinal ? 'dead' : { retryAfter: outcome.attempt }
  const next = JSON.stringify({ ...job, attempt: outcome.attempt })
  await broker?.publish(to, next, job.id, outcome.error)
}

function jobIn(payload: string): { id: string } | undefined {
  try {
    const job = JSON.parse(payload) as { id?: unknown } | null
    return typeof job?.id === 'string' ? { ...job, id: job.id } : undefined
  } catch {
    return undefined
  }
}

type Outcome =
  | Readonly<{ end: 'counted' | 'stopped' }>
  | Readonly<{ end: 'failed'; isFinal: boolean; attempt: number; error: string }>

/** @returns undefined when someone else is at it; then their end, or their lease's, settles it */
async function countVersion(
  id: string,
  parts: Parts,
  hurry: AbortSignal,
): Promise<Outcome | undefined> {
  const { config, database, store } = parts
  const version = await jobs.claim(database, id)
  if (version === undefined) return undefined
  const reporter = startReporter(database, version)
  const signal = AbortSignal.any([hurry, reporter.lost])
  try {
    const body = addAbortSignal(signal, await store.get(version.key, signal))
    const counts = await countStream(body, config.rules, config.wordsKept, reporter.progress)
    checkLength(counts, version)
    await reporter.stop()
    await jobs.finish(database, version, counts)
    report(version, counts)
    return { end: 'counted' }
  } catch (cause) {
    await reporter.stop()
    if (hurry.aborted) {
      await jobs.release(database, version)
      return { end: 'stopped' }
    }
    const error = reasonOf(reporter.lost.aborted ? reporter.lost.reason : cause)
    const isFinal = cause instanceof NotText || version.attempt >= ATTEMPTS_MAX
    console.error(`counting ${version.slug} failed (attempt ${version.attempt}): ${error}`)
    await jobs.putBack(database, version, error, isFinal)
    return { end: 'failed', isFinal, attempt: version.attempt, error }
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** A store may end in the middle without an error. */
function checkLength({ bytes }: FileCounts, version: Version): void {
  if (version.bytes === null || bytes === version.bytes) return
  throw new Error(`the store gave ${bytes} of ${version.bytes} bytes`)
}

function report(version: Version, counts: FileCounts): void {
  const { startedAt, queuedAt } = version
  const seconds = (Date.now() - (startedAt?.getTime() ?? Date.now())) / 1000
  const queued = ((startedAt?.getTime() ?? 0) - (queuedAt?.getTime() ?? 0)) / 1000
  console.log(
    `counted ${version.slug} version ${version.n}: bytes=${counts.bytes} words=${counts.totalWords} distinct=${counts.distinctWords} queued=${queued.toFixed(2)}s counting=${seconds.toFixed(2)}s MB/s=${(counts.bytes / 1e6 / Math.max(seconds, 0.001)).toFixed(1)}`,
  )
}

/** Writes progress four times a second at most, which keeps the lease as well. */
function startReporter(database: Database, version: Version) {
  const lost = new AbortController()
  let bytes = 0
  let movedAt = Date.now()
  let writing = Promise.resolve()
  const timer = setInterval(() => {
    if (Date.now() - movedAt > STALL_MS_MAX) lost.abort(new Error('the store does not answer'))
    writing = writing.then(async () => {
      const isOurs = await jobs.report(database, version, bytes).catch(() => true)
      if (!isOurs) lost.abort(new Error('another worker has taken over'))
    })
  }, PROGRESS_MS)
  return {
    /** Aborts when it would be of no use to continue. */
    lost: lost.signal,
    progress: (read: number): void => {
      bytes = read
      movedAt = Date.now()
    },
    stop: async (): Promise<void> => {
      clearInterval(timer)
      await writing
    },
  }
}

const PROGRESS_MS = 300
const STALL_MS_MAX = 30_000

/** Brings what is owed to the broker, and what is stuck back into the queue. */
export async function keepQueue(parts: Parts, signal: AbortSignal): Promise<void> {
  const { database, broker } = parts
  let reclaimedAt = 0
  for (let failures = 0; !signal.aborted;) {
    try {
      if (Date.now() - reclaimedAt > RECLAIM_MS) {
        await jobs.reclaim(database, ATTEMPTS_MAX)
        reclaimedAt = Date.now()
      }
      if (broker !== undefined) {
        await jobs.drainOutbox(database, (payload, id) => broker.publish('now', payload, id))
      }
      failures = 0
    } catch (error) {
      failures++
      console.error(`outbox: ${reasonOf(error)}`)
    }
    const pauseMs = failures === 0 ? OUTBOX_MS : backOffMs(failures)
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}

const OUTBOX_MS = 300
const RECLAIM_MS = 5000
