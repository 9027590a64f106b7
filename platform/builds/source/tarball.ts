import { createReadStream } from 'node:fs'
import { readdir, rename, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { codeOf } from '@hokku/kit/error-code'
import { Problem, reasonOf } from '@hokku/kit/problem'
import {
  moveTenantEntry,
  removeTenantEntry,
  removeTree,
  tenantEntry,
  type Owner,
} from '../../sandbox/index.ts'
import { problem } from '../../store/index.ts'
import type { Sources } from './sources.ts'
import { unpackUpload } from '../../sandbox/index.ts'

/**
 * Unpacks a source tarball as a new tree. A single folder at its top, as in archives of GitHub, is
 * left out.
 *
 * @param tree does not exist yet; the folder above it has to be the platform's own
 * @throws Problem `build_rejected` for what cannot be fetched or is not a tarball
 */
export async function unpackTarball(
  url: string,
  tree: string,
  { sources, owner, signal }: Readonly<{ sources: Sources; owner: Owner; signal: AbortSignal }>,
): Promise<void> {
  const folder = `${tree}.source`
  try {
    const body = await open(url, sources, signal)
    await unpackUpload(body, folder, { owner, bytesMax: TARBALL_BYTES_MAX, signal })
    const top = await topOf(folder)
    if (top === undefined) await rename(folder, tree)
    else await moveTenantEntry(folder, top, tree)
    await removeTenantEntry(tree, '.git')
  } catch (error) {
    if (error instanceof Problem || codeOf(error) === 'ENOSPC') throw error
    signal.throwIfAborted()
    throw problem('build_rejected', `The source tarball cannot be read: ${reasonOf(error)}`, {
      cause: error,
      hint: 'It has to be a .tar or .tar.gz file with the source at its top.',
    })
  } finally {
    await removeTree(folder)
  }
}

const TARBALL_BYTES_MAX = 1024 * 1024 * 1024

async function open(url: string, sources: Sources, signal: AbortSignal): Promise<Readable> {
  const file = sources.fileAt(url)
  if (file !== undefined) {
    if ((await stat(file).catch(() => null)) === null) {
      throw problem('build_rejected', 'Nothing has been uploaded to that source yet.', {
        hint: 'PUT the tarball to its put_url first.',
      })
    }
    return createReadStream(file)
  }
  if (!/^https?:\/\//i.test(url)) {
    throw problem('build_rejected', 'A source has to be at an http:// or https:// address.')
  }
  const response = await fetch(url, { signal })
  if (!response.ok || response.body === null) {
    throw problem(
      'build_rejected',
      `The source answered ${response.status} at ${new URL(url).host}.`,
    )
  }
  return Readable.fromWeb(response.body)
}

/** The one folder that holds everything; undefined when there is more at the top. */
async function topOf(folder: string): Promise<string | undefined> {
  const [first, ...others] = await readdir(folder)
  if (first === undefined || others.length > 0 || first === '.git') return undefined
  return (await tenantEntry(folder, first)) === 'folder' ? first : undefined
}
