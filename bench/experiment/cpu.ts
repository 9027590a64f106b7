import { openPool } from '@hokku/postgres'
import { readdirSync, readFileSync } from 'node:fs'

/** CPU time that a server and its PostgreSQL have used so far, in milliseconds. */
export type CpuMs = Readonly<{ server: number; postgres: number }>

/**
 * What two programs cost can be compared on a machine that does other things meanwhile, when what
 * they finish in a second cannot. Reads `/proc`: zeros where there is none.
 *
 * @param group process group of the server
 * @param postmaster process of which all of PostgreSQL's are children
 */
export function cpuMs(group: number, postmaster: number): CpuMs {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined)
  const sum = (times: readonly number[]): number => times.reduce((a, b) => a + b, 0) * TICK_MS
  const own = all.filter((stat) => stat.group === group)
  const parent = all.filter((stat) => stat.pid === postmaster)
  const children = all.filter((stat) => stat.parent === postmaster)
  return {
    server: sum(own.map((stat) => stat.used)),
    // Connections that are closed already are counted with the parent.
    postgres: sum([
      ...parent.map((stat) => stat.used + stat.children),
      ...children.map((stat) => stat.used),
    ]),
  }
}

/** Linux counts in hundredths of a second, on any kernel clock. */
const TICK_MS = 10

type Stat = Readonly<{
  pid: number
  parent: number
  group: number
  used: number
  children: number
}>

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may contain anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const at = (index: number): number => fields[index] ?? 0
    return {
      pid,
      parent: at(1),
      group: at(2),
      used: at(11) + at(12),
      children: at(13) + at(14),
    }
  } catch {
    return undefined
  }
}

/** The process that started the server behind a database address on this machine. */
export async function postmasterOf(url: string): Promise<number> {
  const pool = openPool(url, { max: 1 })
  try {
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
    return readStat(rows[0]?.pid ?? 0)?.parent ?? 0
  } finally {
    await pool.end()
  }
}
