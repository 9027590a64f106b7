import { cpus } from 'node:os'

/** The line above every table: figures mean nothing without it. */
export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`

export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`

export const perSecond = (count: number, ms: number): string =>
  Math.round((count / ms) * 1000).toLocaleString('en')

/** The value below which this share of the sorted values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** How often each of two rivals runs, in turn: others share the machine, and medians forgive that. */
export const ROUNDS = 3

/** Runs `workers` loops of `work` until `count` calls are done; the time of each call in ms. */
export async function inParallel(
  count: number,
  workers: number,
  work: (n: number) => Promise<void>,
): Promise<{ totalMs: number; each: number[] }> {
  let next = 0
  const each: number[] = []
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < count) {
        const atMs = performance.now()
        await work(next++)
        each.push(performance.now() - atMs)
      }
    }),
  )
  return { totalMs: performance.now() - startedMs, each }
}
