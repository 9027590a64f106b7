import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { create, extract } from 'tar'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../../store/index.ts'
import { limitBytes } from '../source/limit-bytes.ts'

/**
 * Unpacks a slug as Heroku's API knows it, a `.tgz` with everything below `./app`, into `tree`.
 *
 * @param checksum `SHA256:…` of the upload, or null if the client gave none
 * @throws Problem `invalid_params`, `slug_too_large`
 */
export async function unpackBlob(
  body: Readable,
  tree: string,
  { checksum, bytesMax }: Readonly<{ checksum: string | null; bytesMax: number }>,
): Promise<void> {
  await mkdir(tree, { recursive: true, mode: 0o755 })
  const folder = await mkdtemp(`${tree}.`)
  const hash = createHash('sha256')
  const summing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    const unpack = extract({ cwd: folder, strict: true, preserveOwner: false })
    await pipeline(body, limitBytes(bytesMax), summing, unpack).catch((error: unknown) => {
      if (error instanceof Problem) throw error
      throw problem('invalid_params', `The slug is no .tgz file: ${(error as Error).message}`)
    })
    const found = hash.digest('hex')
    const wanted = checksum?.replace(/^SHA256:/i, '').toLowerCase()
    if (wanted !== undefined && wanted !== found) {
      throw problem('invalid_params', `The slug's checksum is SHA256:${found}, not ${checksum}.`)
    }
    await moveApp(folder, tree)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function moveApp(folder: string, tree: string): Promise<void> {
  const app = join(folder, 'app')
  if ((await stat(app).catch(() => null))?.isDirectory() !== true) {
    throw problem('invalid_params', 'The slug has no folder ./app.', {
      hint: 'Pack it with: tar czf slug.tgz ./app',
    })
  }
  for (const name of await readdir(app)) await rename(join(app, name), join(tree, name))
}

/** A tree as such a `.tgz`. */
export const packBlob = (tree: string): AsyncIterable<Uint8Array> =>
  create({ cwd: tree, gzip: true, portable: true, prefix: './app' }, ['.'])
