import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same pid. */
export type ProcessMark = Readonly<{ pid: number; startedAt: string }>

export const markOf = (pid: number): ProcessMark => ({ pid, startedAt: startOf(pid) ?? '' })

export function isAlive({ pid, startedAt }: ProcessMark): boolean {
  const start = startOf(pid)
  return start !== undefined && start === startedAt
}

/** When a process started, in the unit of the system; undefined if there is none. */
function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid)
}

/** Field 22 of `/proc/<pid>/stat`; the command name before it may hold blanks and brackets. */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const start = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
    return start.trim() || undefined
  } catch {
    return undefined
  }
}
