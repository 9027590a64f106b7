import { statfs } from 'node:fs/promises'
import { problem, type Home } from '../store/index.ts'
import type { BuildLimits } from './limits.ts'

/** @throws Problem `disk_full` when there is not room enough to begin */
export async function checkDisk(
  home: Pick<Home, 'root'>,
  { diskFreeMin }: Pick<BuildLimits, 'diskFreeMin'>,
): Promise<void> {
  const { bavail, bsize } = await statfs(home.root)
  const free = bavail * bsize
  if (free >= diskFreeMin) return
  throw problem(
    'disk_full',
    `Only ${megabytes(free)} are free on the disk of ${home.root}; a build needs ${megabytes(diskFreeMin)}.`,
    { hint: 'Make room and push again. Nothing has changed.' },
  )
}

/** @throws Problem `slug_too_large` */
export function checkSlugSize(
  size: number,
  { slugBytesMax }: Pick<BuildLimits, 'slugBytesMax'>,
): void {
  if (size <= slugBytesMax) return
  throw problem(
    'slug_too_large',
    `Compiled slug size: ${megabytes(size)} is too large (max is ${megabytes(slugBytesMax)}).`,
    { hint: 'Leave files out with .slugignore, and dependencies that only the build needs.' },
  )
}

/** As Heroku shows sizes: `36.3M`. */
export const megabytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)}M`
