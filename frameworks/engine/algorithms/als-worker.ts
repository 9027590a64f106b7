import { workerData } from 'node:worker_threads'
import { solveShare, type ThreadTask } from './als-threads.ts'

/** A thread of ALS: does its share of each half step that the counter announces, until asked to stop. */
const { thread, steps, counters } = workerData as ThreadTask
for (let done = 0; ; done += 1) {
  Atomics.wait(counters, 0, done)
  const announced = Atomics.load(counters, 0)
  const step = steps[done % steps.length]
  if (announced < 0 || step === undefined) break
  solveShare(step, thread)
  Atomics.add(counters, 1, 1)
  Atomics.notify(counters, 1)
}
