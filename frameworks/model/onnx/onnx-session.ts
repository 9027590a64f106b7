import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { problem } from '../problems.ts'
import { refusal } from '../frames/refusal.ts'

/** An input or output of a model: `type` is a tensor's element type, e.g. `float32`. */
export type Meta = Readonly<{
  name: string
  isTensor: boolean
  type?: string
  shape?: readonly (number | string)[]
}>
export type Feed = Readonly<{
  type: string
  data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | string[]
  dims: readonly number[]
}>
export type RunRequest = Readonly<Record<string, Feed>>
export type Reply = Readonly<{ results?: Readonly<Record<string, Feed>>; failure?: string }>

export type OnnxSession = Readonly<{
  inputs: readonly Meta[]
  outputs: readonly Meta[]
  /** Runs the model and waits: native code computes meanwhile. */
  run: (feeds: RunRequest) => Readonly<Record<string, Feed>>
}>

/** Opens a model in its own thread. @throws Problem `package_missing` without onnxruntime-node */
export async function openOnnx(path: string, directory: string): Promise<OnnxSession> {
  const { port1, port2 } = new MessageChannel()
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), {
    workerData: { path, directory, port: port2, signal },
    transferList: [port2],
  })
  const { inputs, outputs } = await opened(worker)
  // The model must not keep the process alive.
  worker.unref()
  port1.unref()
  return {
    inputs,
    outputs,
    run: (feeds) => {
      Atomics.store(signal, 0, 0)
      worker.postMessage(feeds)
      Atomics.wait(signal, 0, 0, RUN_MS_MAX)
      const reply = receiveMessageOnPort(port1)?.message as Reply | undefined
      if (reply?.results !== undefined) return reply.results
      throw refusal(`The ONNX model refuses this: ${reply?.failure ?? 'it took too long'}.`)
    },
  }
}

const RUN_MS_MAX = 30_000

function opened(worker: Worker): Promise<{ inputs: readonly Meta[]; outputs: readonly Meta[] }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    inputs: readonly Meta[]
    outputs: readonly Meta[]
  }>()
  worker.once('message', resolve)
  worker.once('error', (error: Error) =>
    reject(
      error.message === 'MODULE_NOT_FOUND'
        ? problem('package_missing', 'The package onnxruntime-node is not installed.', {
            hint: 'In the model folder: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
          })
        : problem('model_invalid', `The ONNX model cannot be opened: ${error.message}`, {
            cause: error,
          }),
    ),
  )
  return promise
}
