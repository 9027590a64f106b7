import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { codeOf } from '@hokku/kit/error-code'
import { reasonOf } from '@hokku/kit/problem'
import type { Feed, Meta, Reply, RunRequest } from './onnx-session.ts'

/** Runs an ONNX model; the thread that asked sleeps on `signal` until the answer is in `port`. */
type Data = { path: string; directory: string; port: MessagePort; signal: Int32Array }
const { path, directory, port, signal } = workerData as Data

type Tensor = { data: Feed['data']; dims: readonly number[]; type: string }
type Session = {
  inputMetadata: readonly Meta[]
  outputMetadata: readonly Meta[]
  run: (feeds: Record<string, Tensor>) => Promise<Record<string, Tensor>>
}
type Runtime = {
  InferenceSession: { create: (path: string) => Promise<Session> }
  Tensor: new (type: string, data: Feed['data'], dims: readonly number[]) => Tensor
}

const { InferenceSession, Tensor } = loadRuntime()
const session = await InferenceSession.create(path)
parentPort?.on('message', (request: RunRequest) => void run(request))
parentPort?.postMessage({ inputs: session.inputMetadata, outputs: session.outputMetadata })

/** The app's own copy first, then ours. */
function loadRuntime(): Runtime {
  for (const from of [pathToFileURL(`${directory}/`).href, import.meta.url]) {
    try {
      return createRequire(from)('onnxruntime-node') as Runtime
    } catch (error) {
      if (codeOf(error) !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new Error('MODULE_NOT_FOUND')
}

async function run(feeds: RunRequest): Promise<void> {
  let reply: Reply
  try {
    const tensors = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new Tensor(type, data, dims),
    ])
    const results = await session.run(Object.fromEntries(tensors) as Record<string, Tensor>)
    reply = {
      results: Object.fromEntries(
        Object.entries(results).map(([name, { data, dims, type }]) => [name, { data, dims, type }]),
      ),
    }
  } catch (error) {
    reply = { failure: reasonOf(error) }
  }
  port.postMessage(reply)
  Atomics.store(signal, 0, 1)
  Atomics.notify(signal, 0)
}
