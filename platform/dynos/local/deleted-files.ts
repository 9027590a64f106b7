import { readdirSync, readlinkSync, statSync } from 'node:fs'

/** What processes hold on disk in files that have no name any more. */
export function deletedBytes(pids: readonly number[]): number {
  const seen = new Set<string>()
  let bytes = 0
  for (const pid of pids) {
    for (const descriptor of descriptorsOf(pid)) {
      const file = deletedFile(descriptor)
      if (file === undefined || seen.has(file.inode)) continue
      seen.add(file.inode)
      bytes += file.bytes
    }
  }
  return bytes
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`)
  } catch {
    return []
  }
}

function deletedFile(descriptor: string): { inode: string; bytes: number } | undefined {
  try {
    const target = readlinkSync(descriptor)
    if (!target.endsWith(' (deleted)') || IN_MEMORY.test(target)) return undefined
    const { dev, ino, blocks } = statSync(descriptor)
    return { inode: `${dev}:${ino}`, bytes: blocks * 512 }
  } catch {
    return undefined
  }
}

/** These count as memory. */
const IN_MEMORY = /^\/(?:dev\/shm\/|memfd:|SYSV)/
