import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { syncDirectory } from '@hokku/kit/disk'
import { problem, type Home } from '../store/index.ts'

/** A file that Git LFS keeps beside a repository: its SHA-256 and its bytes. */
export type LfsObject = Readonly<{ oid: string; size: number }>

/** What an app may keep. */
export const LFS_LIMITS = {
  /** A model of two gigabytes does not fit a slug, packed or not. */
  objectBytesMax: 2 * 1024 ** 3,
  appBytesMax: 20 * 1024 ** 3,
}

const isLfsId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** The large files of an app's repository, each under its checksum. */
export class LfsObjects {
  readonly #folder: string

  constructor(home: Pick<Home, 'apps'>, appId: string) {
    this.#folder = join(home.apps, appId, 'lfs')
  }

  /** Bytes of an object; undefined if it is not here. */
  async sizeOf(oid: string): Promise<number | undefined> {
    return (await stat(this.#fileOf(oid)).catch(() => undefined))?.size
  }

  read(oid: string): Readable {
    return createReadStream(this.#fileOf(oid))
  }

  /** Gives an object a second name, which costs no space. */
  async linkTo(oid: string, path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true })
    await link(this.#fileOf(oid), path)
  }

  /**
   * Keeps an object once all of it is on the disk and its checksum is right.
   *
   * @throws Problem `invalid_params` for other content than its name says, or too much of it
   */
  async receive(oid: string, body: Readable): Promise<void> {
    const file = this.#fileOf(oid)
    const temporary = join(this.#folder, 'incoming', randomUUID())
    await mkdir(dirname(temporary), { recursive: true, mode: 0o700 })
    await this.#forgetBroken()
    try {
      await write(body, temporary, oid)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await rename(temporary, file)
      await syncDirectory(dirname(file))
    } finally {
      await rm(temporary, { force: true })
    }
  }

  /** Bytes of all objects. */
  async totalBytes(): Promise<number> {
    const entries = await readdir(join(this.#folder, 'objects'), {
      recursive: true,
      withFileTypes: true,
    }).catch(() => [])
    const files = entries.filter((entry) => entry.isFile())
    const sizes = await Promise.all(
      files.map((entry) => stat(join(entry.parentPath, entry.name)).then(({ size }) => size)),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  /** Removes uploads that an earlier control plane did not finish. */
  async #forgetBroken(): Promise<void> {
    const folder = join(this.#folder, 'incoming')
    for (const name of await readdir(folder)) {
      const status = await stat(join(folder, name)).catch(() => undefined)
      if (status !== undefined && Date.now() - status.mtimeMs > BROKEN_MS) {
        await rm(join(folder, name), { force: true })
      }
    }
  }

  /** As git-lfs itself lays them out. */
  #fileOf(oid: string): string {
    if (!isLfsId(oid)) throw problem('invalid_params', 'That is not the name of an LFS object.')
    return join(this.#folder, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)
  }
}

/** No byte for a day: nothing writes it any more. */
const BROKEN_MS = 24 * 60 * 60_000

async function write(body: Readable, path: string, oid: string): Promise<void> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > LFS_LIMITS.objectBytesMax) throw tooLarge()
      hash.update(chunk)
      await file.write(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if (hash.digest('hex') === oid) return
  throw problem('invalid_params', `The ${bytes} bytes that came are not those of the object.`, {
    hint: 'Push again. If it happens again, check the file: git lfs fsck',
  })
}

const tooLarge = () =>
  problem('invalid_params', `A file of Git LFS may have at most ${gigabytes('objectBytesMax')}.`, {
    hint: 'Put it into a bucket: heroku addons:create bucketeer',
  })

export const gigabytes = (limit: keyof typeof LFS_LIMITS): string =>
  `${LFS_LIMITS[limit] / 1024 ** 3} GB`
