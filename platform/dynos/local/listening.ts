import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A TCP socket that listens, as `/proc/net/tcp` and `tcp6` list it. */
export type Listener = Readonly<{ port: number; uid: number; inode: string }>

/** @param table text of `/proc/net/tcp` or `/proc/net/tcp6` */
export function parseListeners(table: string): Listener[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN)
    .map((fields) => ({
      port: Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16),
      uid: Number(fields[7]),
      inode: fields[9] ?? '',
    }))
}

/** State TCP_LISTEN of the kernel. */
const LISTEN = '0A'

/** TCP ports on which any of these processes listens. Empty where there is no /proc. */
export function listeningPorts(pids: readonly number[]): number[] {
  const open = new Set(pids.flatMap(socketInodes))
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  })
  const own = tables.flatMap(parseListeners).filter(({ inode }) => open.has(inode))
  return [...new Set(own.map(({ port }) => port))]
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`)
      return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []
    })
  } catch {
    return []
  }
}
