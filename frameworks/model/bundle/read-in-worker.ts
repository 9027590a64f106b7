import { Worker } from 'node:worker_threads'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { SUPPORTED } from '../estimators/registry.ts'
import type { Pickled } from '../pickled.ts'

export type ReadLimits = Readonly<{
  /** Largest file, and largest stream that a compressed file may unpack to. */
  bytesMax: number
  /** Heap of the reader; array contents are not part of it. */
  memoryMb: number
  timeoutMs: number
}>

export const READ_LIMITS: ReadLimits = { bytesMax: 2 ** 31 - 1, memoryMb: 1024, timeoutMs: 120_000 }

/**
 * Reads a pickle in its own thread, so that a hostile or huge file can exhaust neither our
 * memory nor our patience.
 *
 * @throws Problem as `readPickle` does, and `pickle_too_large` if the thread reaches a limit
 */
export async function readInWorker(
  path: string,
  limits: ReadLimits = READ_LIMITS,
): Promise<Pickled> {
  const worker = new Worker(new URL('./pickle-worker.ts', import.meta.url), {
    workerData: { path, bytesMax: limits.bytesMax, estimators: SUPPORTED } satisfies ReaderTask,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
  })
  try {
    return valueOf(await firstMessage(worker, limits))
  } finally {
    await worker.terminate()
  }
}

/** What the reader is given; the list spares it the estimators' code. */
export type ReaderTask = Readonly<{
  path: string
  bytesMax: number
  estimators: readonly string[]
}>

type Message = Readonly<{
  value?: Pickled
  failure?: { message?: string; problem?: ProblemParts }
}>
type ProblemParts = Pick<Problem, 'code' | 'id' | 'status' | 'message' | 'hint' | 'details'>

function firstMessage(worker: Worker, limits: ReadLimits): Promise<Message> {
  const { promise, resolve, reject } = Promise.withResolvers<Message>()
  const timer = setTimeout(() => {
    reject(
      problem(
        'pickle_too_large',
        `The file could not be read within ${limits.timeoutMs / 1000} s.`,
      ),
    )
  }, limits.timeoutMs)
  worker.once('message', resolve)
  worker.once('error', (error: Error & { code?: string }) => {
    const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    reject(
      isMemory
        ? problem('pickle_too_large', `The file needs more than ${limits.memoryMb} MB to read.`)
        : error,
    )
  })
  worker.once('exit', () => reject(problem('pickle_invalid', 'The file could not be read.')))
  return promise.finally(() => clearTimeout(timer))
}

function valueOf({ value, failure }: Message): Pickled {
  if (failure === undefined) return value ?? null
  if (failure.problem === undefined) {
    throw problem('pickle_invalid', `The file could not be read: ${failure.message ?? 'unknown'}.`)
  }
  const { code, id, status, message, hint, details } = failure.problem
  throw new Problem(code, { id, status }, message, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details },
  })
}
