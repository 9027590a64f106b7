import { RESERVE, type FreeSpace } from '../sandbox/index.ts'

/** What to do with the file that holds space for the platform. */
export type ReserveStep = 'make' | 'give up' | 'leave'

/**
 * The file is made while there is plenty, and given up when a write of the platform's would fail.
 * Until there is plenty again it is not made anew.
 */
export function reserveStep(free: FreeSpace, isThere: boolean): ReserveStep {
  if (isThere) return free.bytes < GIVE_UP_BYTES ? 'give up' : 'leave'
  return free.bytes > PLENTY_BYTES ? 'make' : 'leave'
}

/** What the operator should know of the disk. */
export function diskNotices(root: string, free: FreeSpace): string[] {
  const lacking = [
    ...(free.bytes < LOW_BYTES ? [`${(free.bytes / 1e9).toFixed(1)} GB`] : []),
    ...(free.files < LOW_FILES ? [`${free.files} files`] : []),
  ]
  if (lacking.length === 0) return []
  const isShort = free.bytes < RESERVE.bytes || free.files < RESERVE.files
  const effect = isShort
    ? 'Dynos and builds that hold most are being stopped, and pushes are refused.'
    : 'Pushes will be refused and dynos stopped when there is less.'
  return [`The disk of ${root} has room for only ${lacking.join(' and ')} more. ${effect}`]
}

/** Enough for some thousand changes of the state, and a copy of it. */
export const RESERVE_FILE_BYTES = 64 * 2 ** 20

const GIVE_UP_BYTES = 32 * 2 ** 20
const PLENTY_BYTES = 4 * RESERVE.bytes
const LOW_BYTES = 4 * RESERVE.bytes
const LOW_FILES = 4 * RESERVE.files
