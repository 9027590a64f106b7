import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chown, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { codeOf } from '@hokku/kit/error-code'
import { syncDirectory } from '@hokku/kit/disk'
import {
  archiveOf,
  removeTree,
  unpackArchive,
  type Owner,
  type TreeEntry,
} from '../sandbox/index.ts'
import { problem } from '../store/index.ts'

export type Packed = Readonly<{ checksum: string; bytes: number }>

/**
 * Packs parts of a tree into one file. After a crash at any moment the file is whole or not there.
 *
 * @param prefix folder in which the parts lie in the archive, with `/` at its end
 */
export async function packLayer(
  root: string,
  entries: readonly TreeEntry[],
  file: string,
  prefix = '',
): Promise<Packed> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`)
  const sum = summing()
  try {
    const archive = archiveOf(root, entries, prefix)
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
 * @param owner whose files they become
 * @throws Problem `slug_corrupt`
 */
export async function unpackLayer(
  { file, checksum }: Readonly<{ file: string; checksum: string }>,
  folder: string,
  owner: Owner,
): Promise<void> {
  if ((await stat(folder).catch(() => null)) !== null) return
  const temporary = join(dirname(folder), `.${randomUUID()}.tmp`)
  await mkdir(temporary, { recursive: true, mode: 0o755 })
  if (owner !== null) await chown(temporary, owner.uid, owner.uid)
  const sum = summing()
  try {
    const archive = createZstdDecompress()
    const fed = pipeline(createReadStream(file), sum.stream, archive)
    await Promise.all([fed, unpackArchive(archive, temporary, owner)]).catch((error: unknown) => {
      throw corrupt(file, error)
    })
    if (sum.digest() !== checksum) throw corrupt(file)
    await rename(temporary, folder).catch(async (error: unknown) => {
      if ((await stat(folder).catch(() => null)) === null) throw error
    })
  } finally {
    await removeTree(temporary)
  }
}

function corrupt(file: string, cause?: unknown) {
  const full = codeOf(cause) === 'ENOSPC'
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
