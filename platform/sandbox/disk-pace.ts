import type { FreeSpace } from './disk-use.ts'

/** What the platform keeps free for itself, to write what it acknowledges: below, writers end. */
export const RESERVE: FreeSpace = { bytes: 512 * 2 ** 20, files: 20_000 }

/** Whether the platform is short of space for itself. */
export const isShort = (free: FreeSpace): boolean =>
  free.bytes < RESERVE.bytes || free.files < RESERVE.files

/** When trees were last counted, and what was free then. */
export type LastCount = Readonly<{ at: number; free: FreeSpace }>

/** Counting takes time: it is done when the disk fills, and now and then. */
export const isCountDue = (last: LastCount | undefined, now: number, free: FreeSpace): boolean =>
  last === undefined ||
  now - last.at >= COUNT_MS ||
  last.free.bytes - free.bytes >= SHRUNK_BYTES ||
  last.free.files - free.files >= SHRUNK_FILES ||
  isShort(free)

const COUNT_MS = 60_000
const SHRUNK_BYTES = 128 * 2 ** 20
const SHRUNK_FILES = 10_000
