import { createHash } from 'node:crypto'
import type { TreeEntry } from '../sandbox/index.ts'

/**
 * SHA-256 over everything that makes a tree what it is: paths, kinds, the executable bit, contents
 * and link targets. Times do not count, so the same content found again is the same layer.
 *
 * @param prefix folder in which the entries lie in their layer, with `/` at its end
 */
export function digestOf(entries: readonly TreeEntry[], prefix = ''): string {
  const hash = createHash('sha256')
  for (const { type, mode, path, content } of entries) {
    const executable = type === 'file' && (mode & 0o111) !== 0
    hash.update(`${type} ${executable ? 'x' : '-'} ${prefix}${path}\0${content}\0`)
  }
  return hash.digest('hex')
}
