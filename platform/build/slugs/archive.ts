import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { create, extract } from 'tar'
import { syncDirectory } from '@hokku/kit/disk'
import { problem } from '../../store/index.ts'
import type { Entry } from './tree.ts'

export type Packed = Readonly<{ checksum: string; bytes: number }>

/**
 * Packs parts of a tree into one file. After a crash at any moment the file is whole or not there.
 *
 * @param prefix folder in which the parts shall lie in the archive, with `/` at its end
 */
export async function packLayer(
  root: string,
  entries: readonly Entry[],
  file: string,
  prefix = '',
): Promise<Packed> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`)
  const sum = summing()
  try {
    // A name with @ at its start would be read as that of an archive.
    const paths = entries.map(({ path }) => (path.startsWith('@') ? `./${path}` : path))
    const archive = create(
      { cwd: root, portable: true, noDirRecurse: true, strict: true, prefix },
      paths.length === 0 ? ['.'] : paths,
    )
    await pipeline(archive, compressed(), sum.stream, createWriteStream(temporary, { mode: 0o600 }))
    await sync(temporary)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(dirname(file))
  return { checksum: sum.digest(), bytes: sum.bytes() }
}

/** Level 1: a Node binary takes half a second, ten times less than gzip, and is not larger. */
const compressed = () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } })

/**
 * Unpacks a layer into a folder that appears only when it is whole and its checksum is right.
 *
 * @throws Problem `slug_corrupt`
 */
export async function unpackLayer(
  file: string,
  checksum: string,
  folder: string,
  finish: (temporary: string) => Promise<void>,
): Promise<void> {
  if ((await stat(folder).catch(() => null)) !== null) return
  const temporary = join(dirname(folder), `.${randomUUID()}.tmp`)
  await mkdir(temporary, { recursive: true, mode: 0o755 })
  const sum = summing()
  try {
    await pipeline(
      createReadStream(file),
      sum.stream,
      createZstdDecompress(),
      extract({ cwd: temporary, strict: true, preserveOwner: false }),
    ).catch((error: unknown) => {
      throw corrupt(file, error)
    })
    if (sum.digest() !== checksum) throw corrupt(file)
    await finish(temporary)
    await rename(temporary, folder).catch(async (error: unknown) => {
      if ((await stat(folder).catch(() => null)) === null) throw error
    })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function corrupt(file: string, cause?: unknown) {
  const full = (cause as { code?: string } | undefined)?.code === 'ENOSPC'
  if (full)
    return problem('disk_full', 'There is no space left on the disk to unpack the slug.', { cause })
  return problem(
    'slug_corrupt',
    'Error R17 (Checksum error) -> Checksum does not match the expected value',
    { cause, hint: `Push again, or roll back: the stored layer ${file} is damaged.` },
  )
}

function summing() {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  let digest: string | undefined
  return { stream, bytes: () => bytes, digest: () => (digest ??= hash.digest('hex')) }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
