import { Worker } from 'node:worker_threads'
import { type HalfProblem, gramOf, solveRows } from './als-kernel.ts'
import { errorOf } from '@hokku/kit/problem'

/** One half step: which side is solved, in worker-shared memory. */
export type HalfStep = Omit<HalfProblem, 'gram'> &
  Readonly<{
    /** Row ranges by thread: thread t solves `bounds[t]` to `bounds[t + 1]`. */
    bounds: readonly number[]
  }>

/** What a thread is given: both half steps, and the two counters by which work is handed out. */
export type ThreadTask = Readonly<{
  thread: number
  steps: readonly HalfStep[]
  /** [0]: number of the half step to do, counted from 1; negative: stop. [1]: threads done. */
  counters: Int32Array
}>

/** Solves the rows of one thread. */
export function solveShare(step: HalfStep, thread: number): void {
  const { rank, alpha } = step.options
  const gram =
    alpha === undefined ? new Float64Array((rank * (rank + 1)) / 2) : gramOf(step.fixed, rank)
  solveRows({ ...step, gram }, step.bounds[thread] ?? 0, step.bounds[thread + 1] ?? 0)
}

/** Cuts rows into shares of equal work: ratings count most, but every row costs a solution. */
export function shareRows(starts: Int32Array, threads: number): number[] {
  const rowCount = starts.length - 1
  const workUpTo = (row: number): number => (starts[row] ?? 0) + ROW_COST * row
  const total = workUpTo(rowCount)
  const bounds = [0]
  let row = 0
  for (let thread = 1; thread < threads; thread++) {
    while (row < rowCount && workUpTo(row) < (total * thread) / threads) row += 1
    bounds.push(row)
  }
  return [...bounds, rowCount]
}

/** What solving a row costs, in ratings. */
const ROW_COST = 8

/** Threads that do half steps together with the caller. */
export class AlsThreads implements AsyncDisposable {
  readonly #steps: readonly HalfStep[]
  readonly #workers: readonly Worker[]
  readonly #counters = new Int32Array(new SharedArrayBuffer(8))
  #failure: Error | undefined
  #done = 0

  constructor(steps: readonly HalfStep[], threads: number) {
    this.#steps = steps
    this.#workers = Array.from({ length: threads - 1 }, (_, at) => {
      const workerData: ThreadTask = { thread: at + 1, steps, counters: this.#counters }
      const worker = new Worker(new URL('./als-worker.ts', import.meta.url), { workerData })
      worker.once('error', (error) => this.#fail(errorOf(error)))
      return worker
    })
  }

  /** Does the next half step: even ones are the first of the two, odd ones the second. */
  async step(): Promise<void> {
    this.#done += 1
    const step = this.#steps[(this.#done - 1) % this.#steps.length]
    if (step === undefined) throw new Error('no half steps')
    Atomics.store(this.#counters, 1, 0)
    Atomics.store(this.#counters, 0, this.#done)
    Atomics.notify(this.#counters, 0)
    solveShare(step, 0)
    for (;;) {
      const finished = Atomics.load(this.#counters, 1)
      if (this.#failure !== undefined) throw this.#failure
      if (finished === this.#workers.length) return
      await Atomics.waitAsync(this.#counters, 1, finished).value
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Atomics.store(this.#counters, 0, -1)
    Atomics.notify(this.#counters, 0)
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #fail(error: Error): void {
    this.#failure = error
    Atomics.notify(this.#counters, 1)
  }
}
