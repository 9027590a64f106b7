import { readFileSync } from 'node:fs'

/** Memory by instance where no control groups count it: the sum of what its processes hold. */
export function hostMemory(
  processes: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, number> {
  return new Map(
    [...processes]
      .filter(([, pids]) => pids.length > 0)
      .map(([id, pids]) => [id, pids.reduce((sum, pid) => sum + residentBytes(pid), 0)]),
  )
}

function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
