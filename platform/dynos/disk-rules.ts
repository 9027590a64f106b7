import { RESERVE, type DiskUse, type FreeSpace } from '../sandbox/index.ts'
import type { InstanceLimits } from './engine.ts'

export type DiskVerdict = 'ok' | 'warn' | 'stop'

/** Whether a dyno is within what its size allows on disk. */
export function judgeDisk(
  { bytes, files }: DiskUse,
  { diskMb, filesMax }: Pick<InstanceLimits, 'diskMb' | 'filesMax'>,
): DiskVerdict {
  const share = Math.max(bytes / (diskMb * 2 ** 20), files / filesMax)
  if (share <= 1) return 'ok'
  return share <= STOP_RATIO ? 'warn' : 'stop'
}

/** A dyno is stopped at this many times its quota: so it is warned first. */
const STOP_RATIO = 1.5

/**
 * The dyno to stop when the disk of the machine is nearly full: the one that holds most, if that
 * is worth it. The platform needs the rest to write what it acknowledges.
 */
export function largestWriter(
  uses: ReadonlyMap<string, DiskUse>,
  free: FreeSpace,
): string | undefined {
  const lacksBytes = free.bytes < RESERVE.bytes
  if (!lacksBytes && free.files >= RESERVE.files) return undefined
  const of = (use: DiskUse): number => (lacksBytes ? use.bytes : use.files)
  const [largest] = [...uses].toSorted(([, a], [, b]) => of(b) - of(a))
  if (largest === undefined) return undefined
  return of(largest[1]) >= (lacksBytes ? WORTH_BYTES : WORTH_FILES) ? largest[0] : undefined
}

/** Stopping a dyno with less would help no one. */
const WORTH_BYTES = 128 * 2 ** 20
const WORTH_FILES = 10_000
