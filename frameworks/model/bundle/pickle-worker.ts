import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Problem, reasonOf } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { openContainer, unpackedMax } from '../pickle/container.ts'
import type { ReaderTask } from './read-in-worker.ts'
import { readPickle } from '../pickle/read-pickle.ts'
import type { Pickled } from '../pickled.ts'
import { isArchive, readSkops } from '../skops/read-skops.ts'

/** Reads one pickle or skops file and posts its inert value; array bytes lie in memory shared with the caller. */
const { path, bytesMax, estimators } = workerData as ReaderTask
try {
  parentPort?.postMessage({ value: valueOf(readShared(path)) })
} catch (error) {
  parentPort?.postMessage({ failure: failureOf(error) })
}

function valueOf(file: Uint8Array): Pickled {
  if (isArchive(file))
    return readSkops(file, { bytesMax: unpackedMax(file.length, bytesMax), estimators })
  return readPickle(shared(openContainer(file, bytesMax)), { bytesMax, estimators })
}

function readShared(file: string): Uint8Array {
  const handle = openSync(file, 'r')
  try {
    const size = fstatSync(handle).size
    const bytes = new Uint8Array(new SharedArrayBuffer(Math.min(size, bytesMax + 1)))
    for (let at = 0; at < bytes.length;) {
      const read = readSync(handle, bytes, at, bytes.length - at, at)
      if (read === 0) return bytes.subarray(0, at)
      at += read
    }
    return bytes
  } finally {
    closeSync(handle)
  }
}

function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

function failureOf(error: unknown): object {
  if (error instanceof RangeError) return failureOf(nestedTooDeeply(error))
  if (!(error instanceof Problem)) return { message: reasonOf(error) }
  const { code, id, status, message, hint, details } = error
  return { problem: { code, id, status, message, hint, details } }
}

/** Posting a value recurses, and so does reading it. A declaration: it is needed before this line. */
function nestedTooDeeply(cause: Error): Error {
  return problem('pickle_too_large', 'The file is nested too deeply to be read.', { cause })
}
