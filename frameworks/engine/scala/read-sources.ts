import { glob, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { problem } from '../problems.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Source } from './judge-sources.ts'

/**
 * Reads the Scala and Java sources of an engine's folder, in the order of their paths; those of its
 * tests are left out.
 *
 * @throws Problem `engine_invalid` for a source that is too large to be one
 */
export async function readSources(directory: string): Promise<Source[]> {
  const all = await Array.fromAsync(glob('src/**/*.{scala,java}', { cwd: directory }))
  const paths = all.filter((path) => !path.startsWith('src/test/')).toSorted()
  return await Promise.all(paths.map(async (path) => await readSource(directory, path)))
}

async function readSource(directory: string, path: string): Promise<Source> {
  const file = join(directory, path)
  const { size } = await stat(file)
  if (size > SOURCE_BYTES_MAX) {
    throw problem('engine_invalid', `${path} has ${size} bytes; a source has at most 1 MiB.`)
  }
  return { path, fingerprint: fingerprintOf(await readFile(file, 'utf8')) }
}

const SOURCE_BYTES_MAX = 1024 * 1024
