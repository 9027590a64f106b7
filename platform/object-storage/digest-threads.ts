import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { DigestOrder, DigestReport } from './digest-thread.ts'
import { createDigests, type DigestName, type DigestValues } from './digests.ts'

/** Digests of one body, wherever they are worked out. */
export type Digests = Readonly<{
  /**
   * Feeds them. The pieces are given away with their memory, which no garbage collector has to find
   * then; no one may look at them any more. Resolves when there is room for more.
   */
  take: (pieces: readonly Uint8Array[]) => Promise<void>
  values: () => Promise<DigestValues>
  /** To be called in the end, whether anyone has asked for the values or not. */
  close: () => void
}>

export type OpenDigests = (names: readonly DigestName[], size: number) => Digests

/**
 * Works out digests in separate threads, so that the one which talks to all clients continues:
 * MD5 alone takes longer than receiving and writing. Threads are started when they are needed.
 */
export function createDigestThreads(): Readonly<{ open: OpenDigests; close: () => Promise<void> }> {
  const threads: Thread[] = []
  const choose = (): Thread => {
    const free = threads.toSorted((a, b) => a.bodies.size - b.bodies.size)[0]
    if (free !== undefined && (free.bodies.size === 0 || threads.length >= THREADS_MAX)) return free
    const thread = startThread(() => threads.splice(threads.indexOf(thread), 1))
    threads.push(thread)
    return thread
  }
  return {
    open: (names, size) =>
      size <= INLINE_BYTES_MAX ? digestHere(names) : digestIn(choose(), names),
    close: async () => {
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    },
  }
}

/** Below that the way to a thread and back takes longer. */
const INLINE_BYTES_MAX = 128 * 1024

/** One core is left to those who bring the bytes. */
const THREADS_MAX = Math.min(4, Math.max(1, availableParallelism() - 1))

function digestHere(names: readonly DigestName[]): Digests {
  const digests = createDigests(names)
  return {
    take: async (pieces) => pieces.forEach(digests.update),
    values: async () => digests.values(),
    close: () => {},
  }
}

/** What waits for a thread to say something of a body. */
type Body = {
  /** Bytes under way to the thread. */
  behind: number
  /** Called when the thread has come on. */
  waiting: (() => void)[]
  onValues: (values: DigestValues) => void
  onFailure: (error: Error) => void
}

type Thread = Readonly<{ worker: Worker; bodies: Map<number, Body> }>

function startThread(onEnd: () => void): Thread {
  const worker = new Worker(new URL('digest-thread.ts', import.meta.url))
  const bodies = new Map<number, Body>()
  worker.unref()
  worker.on('message', (report: DigestReport) => {
    const body = bodies.get(report.id)
    if (body === undefined) return
    if (report.kind === 'values') return body.onValues(report.values)
    body.behind -= report.bytes
    for (const goOn of body.waiting.splice(0)) goOn()
  })
  worker.on('error', (error) => console.error('bug:', error))
  worker.on('exit', () => {
    onEnd()
    for (const body of bodies.values()) body.onFailure(new Error('A thread for digests has ended.'))
  })
  return { worker, bodies }
}

let lastId = 0

function digestIn({ worker, bodies }: Thread, names: readonly DigestName[]): Digests {
  const id = ++lastId
  const tell = (order: DigestOrder, given: readonly ArrayBuffer[] = []): void =>
    worker.postMessage(order, given)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const body: Body = {
    behind: 0,
    waiting: [],
    onValues: () => {},
    onFailure: failure.reject,
  }
  bodies.set(id, body)
  tell({ id, kind: 'open', names })
  return {
    take: async (pieces) => {
      body.behind += pieces.reduce((sum, piece) => sum + piece.length, 0)
      tell({ id, kind: 'take', pieces }, ownBuffers(pieces))
      while (body.behind > BEHIND_BYTES_MAX) {
        const taken = new Promise<void>((resolve) => void body.waiting.push(resolve))
        await Promise.race([taken, failure.promise])
      }
    },
    values: async () => {
      const values = new Promise<DigestValues>((resolve) => (body.onValues = resolve))
      tell({ id, kind: 'end' })
      return await Promise.race([values, failure.promise])
    },
    close: () => {
      if (bodies.delete(id)) tell({ id, kind: 'drop' })
    },
  }
}

/** A client that is faster than its digests has to wait for them. */
const BEHIND_BYTES_MAX = 4 * 1024 * 1024

/** Memory that a piece has for itself; the others are copied. */
function ownBuffers(pieces: readonly Uint8Array[]): ArrayBuffer[] {
  const buffers = pieces
    .filter((piece) => piece.length === piece.buffer.byteLength)
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer)
  return [...new Set(buffers)]
}
