import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** A process of this machine. `pid` and `start` together identify it. */
export type ProcessEntry = Readonly<{
  pid: number
  parent: number
  /** Of the process's session; its group where `ps` does not tell sessions. */
  session: number
  /** Opaque: never the same for two processes that had one pid. */
  start: string
  zombie: boolean
}>

/** @param stat text of `/proc/<pid>/stat`; the name in it may hold spaces and parentheses */
export function parseStat(stat: string): ProcessEntry {
  const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    pid: Number.parseInt(stat, 10),
    zombie: after[0] === 'Z' || after[0] === 'X',
    parent: Number(after[1]),
    session: Number(after[3]),
    start: after[19] ?? '',
  }
}

/** @param line of `ps -o pid=,ppid=,pgid=,stat=,lstart=`, where there is no /proc (macOS) */
export function parsePs(line: string): ProcessEntry {
  const [pid, parent, session, stat = '', ...start] = line.trim().split(/\s+/)
  return {
    pid: Number(pid),
    parent: Number(parent),
    session: Number(session),
    start: start.join(' '),
    zombie: stat.startsWith('Z'),
  }
}

const hasProc = existsSync('/proc/self/stat')

/** The process of that pid, if there is one that is not dead already. */
export function findProcess(pid: number): ProcessEntry | undefined {
  try {
    const entry = hasProc
      ? parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      : parsePs(ps(['-p', String(pid)]))
    return entry.zombie ? undefined : entry
  } catch {
    return undefined
  }
}

/** Every living process. Costs some milliseconds: for stopping, not for watching. */
export function processTable(): ProcessEntry[] {
  if (!hasProc) return ps(['-A']).trim().split('\n').map(parsePs)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => findProcess(Number(name)) ?? [])
}

const ps = (which: string[]): string =>
  execFileSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
  })

/** What a process calls itself, e.g. `npm start`; empty if it is gone. */
export function processTitle(pid: number): string {
  try {
    return hasProc
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
      : execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** A process's environment as it was started with; empty if it is not ours to see. */
export function processEnvironment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

/** The processes below `root`, nearest first, each with its distance. */
export function descendants(
  table: readonly ProcessEntry[],
  root: number,
): { process: ProcessEntry; depth: number }[] {
  const children = Map.groupBy(table, (process) => process.parent)
  const found: { process: ProcessEntry; depth: number }[] = []
  let level = children.get(root) ?? []
  for (let depth = 1; level.length > 0; depth++) {
    found.push(...level.map((process) => ({ process, depth })))
    level = level.flatMap((process) => children.get(process.pid) ?? [])
  }
  return found
}

/**
 * Whom a SIGTERM goes to: every process but those that pass it on to the ones below them anyway.
 * `npm start` does; signalling both would tell the app twice, and the second time kills what
 * handles only the first.
 */
export function termTargets(
  processes: readonly ProcessEntry[],
  titleOf: (pid: number) => string,
): number[] {
  const parents = new Set(processes.map((process) => process.parent))
  return processes
    .map(({ pid }) => pid)
    .filter((pid) => !(parents.has(pid) && /^npm( |$)/.test(titleOf(pid))))
}
