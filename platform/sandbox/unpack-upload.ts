import { chown, mkdir } from 'node:fs/promises'
import type { Readable, Transform } from 'node:stream'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { unpackArchive } from './archive.ts'
import type { Owner } from './owner.ts'
import { decompress } from './decompress.ts'
import { limitBytes } from './limit-bytes.ts'

export type Upload = Readonly<{
  /** Whose files they become. */
  owner: Owner
  /** The largest upload, in bytes as sent. */
  bytesMax: number
  signal?: AbortSignal
  /** Sees the bytes as sent, e.g. to sum them. */
  meter?: Transform
}>

/**
 * Unpacks a tar archive that a client sent, compressed or not, into a new folder.
 *
 * @throws Problem `slug_too_large`, `build_rejected`; Error with what `tar` said
 */
export async function unpackUpload(body: Readable, folder: string, upload: Upload): Promise<void> {
  const { owner, bytesMax, signal, meter = new PassThrough() } = upload
  await mkdir(folder, { mode: 0o755, recursive: true })
  if (owner !== null) await chown(folder, owner.uid, owner.uid)
  const { from, through } = await decompress(body)
  const archive = new PassThrough()
  const stages = [from, limitBytes(bytesMax), meter, ...through, archive]
  const fed = pipeline(stages, signal === undefined ? {} : { signal })
  await Promise.all([fed, unpackArchive(archive, folder, owner, signal)])
}
