import { createHash } from 'node:crypto'
import { Transform, type Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { Problem, reasonOf } from '@hokku/kit/problem'
import {
  archiveOf,
  listTree,
  moveTenantEntry,
  removeTree,
  tenantEntry,
  type Owner,
} from '../sandbox/index.ts'
import { problem } from '../store/index.ts'
import { unpackUpload } from '../sandbox/index.ts'

export type SlugUpload = Readonly<{
  /** Whose files they become. */
  owner: Owner
  /** `SHA256:…` of the upload, or null if the client gave none. */
  checksum: string | null
  /** The largest upload, in bytes. */
  bytesMax: number
}>

/**
 * Unpacks a slug as Heroku's API knows it, a `.tgz` with everything below `./app`, as a new tree.
 *
 * @param tree does not exist yet; the folder above it has to be the platform's own
 * @throws Problem `invalid_params`, `slug_too_large`
 */
export async function unpackBlob(body: Readable, tree: string, upload: SlugUpload): Promise<void> {
  const { checksum, owner, bytesMax } = upload
  const folder = `${tree}.upload`
  const hash = createHash('sha256')
  const meter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    await unpackUpload(body, folder, { owner, bytesMax, meter }).catch((error: unknown) => {
      if (error instanceof Problem) throw error
      throw problem('invalid_params', `The slug is not a .tgz file: ${reasonOf(error)}`)
    })
    const found = hash.digest('hex')
    const wanted = checksum?.replace(/^SHA256:/i, '').toLowerCase()
    if (wanted !== undefined && wanted !== found) {
      throw problem('invalid_params', `The slug's checksum is SHA256:${found}, not ${checksum}.`)
    }
    await moveApp(folder, tree)
  } finally {
    await removeTree(folder)
  }
}

async function moveApp(folder: string, tree: string): Promise<void> {
  if ((await tenantEntry(folder, 'app')) !== 'folder') {
    throw problem('invalid_params', 'The slug has no folder ./app.', {
      hint: 'Pack it with: tar czf slug.tgz ./app',
    })
  }
  await moveTenantEntry(folder, 'app', tree)
}

/** A tree as such a `.tgz`. */
export async function* packBlob(tree: string): AsyncGenerator<Uint8Array> {
  const archive = archiveOf(tree, await listTree(tree), './app/')
  yield* archive.compose(createGzip()) as AsyncIterable<Uint8Array>
}
