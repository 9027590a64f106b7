import { readdirSync, readFileSync } from 'node:fs'

export type Usage = Readonly<{ processes: number; memoryBytes: number }>

/**
 * What all processes of a session take together, on Linux; undefined elsewhere.
 *
 * @param session pid of the process that leads it
 */
export function usageOf(session: number): Usage | undefined {
  if (process.platform !== 'linux') return undefined
  let processes = 0
  let memoryBytes = 0
  for (const name of readdirSync('/proc')) {
    const stat = /^\d/.test(name) ? readStat(name) : undefined
    if (stat?.session !== session) continue
    processes += 1
    memoryBytes += stat.memoryBytes
  }
  return { processes, memoryBytes }
}

/** Fields 6 and 24 of `/proc/<pid>/stat`; the command before them may hold blanks and brackets. */
function readStat(pid: string): { session: number; memoryBytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { session: Number(fields[3]), memoryBytes: Number(fields[21]) * PAGE_BYTES }
  } catch {
    return undefined
  }
}

/** Of Linux on the machines that Node runs on; larger pages make the sum too small, never too large. */
const PAGE_BYTES = 4096
