import { join } from 'node:path'
import { LfsObjects, parsePointer } from '../../git/index.ts'
import {
  archiveOf,
  readTenantText,
  unpackArchive,
  type Owner,
  type TreeEntry,
} from '../../sandbox/index.ts'
import type { App, Home } from '../../store/index.ts'
import type { PushText } from '../push-text.ts'

export type LfsPlaces = Readonly<{
  app: App
  tree: string
  owner: Owner
  scratch: string
  text: PushText
  signal: AbortSignal
}>

/**
 * Puts the files of Git LFS in the place of their pointers, and names those that were never
 * uploaded.
 *
 * @param paths files of the commit that look like pointers
 */
export async function placeLfsFiles(
  paths: readonly string[],
  { app, tree, owner, scratch, text, signal }: LfsPlaces,
  home: Pick<Home, 'apps'>,
): Promise<void> {
  if (paths.length === 0) return
  const objects = new LfsObjects(home, app.id)
  const folder = join(scratch, 'lfs')
  const found: TreeEntry[] = []
  const missing: string[] = []
  for (const path of paths.filter((one) => isBelow(one))) {
    const content = await readTenantText(tree, path, POINTER_BYTES_MAX).catch(() => null)
    const pointer = parsePointer(content ?? '')
    if (pointer === undefined) continue
    const { oid } = pointer
    const size = await objects.sizeOf(oid)
    if (size === undefined) {
      missing.push(path)
      continue
    }
    await objects.linkTo(oid, join(folder, path))
    found.push({ path, type: 'file', mode: 0o644, size, mtime: 0, content: oid })
  }
  if (found.length > 0) {
    await unpackArchive(archiveOf(folder, found), tree, owner, signal)
    text.detail(`Files of Git LFS: ${shown(found.map(({ path }) => path))}`)
  }
  if (missing.length > 0) warnAboutPointers(missing, text)
}

/** A name from a commit that no one has checked yet. */
const isBelow = (path: string): boolean =>
  !path.startsWith('/') && !path.split('/').some((part) => part === '..' || part === '.git')

/** Pointers have some 130 bytes; the specification allows 1024. */
const POINTER_BYTES_MAX = 1024

function warnAboutPointers(paths: readonly string[], text: PushText): void {
  text.warn(
    `Git LFS pointers in place of files: ${shown(paths)}. The files were not uploaded, so the app gets the pointers.\n` +
      'Install Git LFS, upload them, and push again: git lfs install && git lfs push --all heroku',
  )
}

function shown(paths: readonly string[]): string {
  const more = paths.length > PATHS_SHOWN ? ` and ${paths.length - PATHS_SHOWN} more` : ''
  const names = paths.slice(0, PATHS_SHOWN).map((path) => path.replaceAll(/[^\x20-\x7e]/g, '?'))
  return `${names.join(', ')}${more}`
}

const PATHS_SHOWN = 5
