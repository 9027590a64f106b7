import { createReadStream } from 'node:fs'
import { cp, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../../store/index.ts'
import { limitBytes } from './limit-bytes.ts'
import type { Sources } from './sources.ts'

/**
 * Unpacks a source tarball into an empty folder. A single folder at its top, as in archives of
 * GitHub, is left out.
 *
 * @throws Problem `build_rejected` for what cannot be fetched or is no tarball
 */
export async function unpackTarball(
  url: string,
  tree: string,
  {
    sources,
    scratch,
    signal,
  }: Readonly<{ sources: Sources; scratch: string; signal: AbortSignal }>,
): Promise<void> {
  const folder = await mkdtemp(join(scratch, 'source-'))
  try {
    const body = await open(url, sources, signal)
    await pipeline(
      body,
      limitBytes(TARBALL_BYTES_MAX),
      extract({ cwd: folder, strict: true, preserveOwner: false }),
      { signal },
    )
    await moveContents(await topOf(folder), tree)
  } catch (error) {
    if (error instanceof Problem || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error
    signal.throwIfAborted()
    throw problem(
      'build_rejected',
      `The source tarball cannot be read: ${(error as Error).message}`,
      {
        cause: error,
        hint: 'It has to be a .tar or .tar.gz file with the source at its top.',
      },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
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

async function topOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  const [first] = entries
  const wrapped = entries.length === 1 && first?.isDirectory() === true && first.name !== '.git'
  return wrapped ? join(folder, first.name) : folder
}

async function moveContents(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (name === '.git') continue
    await rename(join(from, name), join(to, name)).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true })
    })
  }
}
