import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { problem, type Home, type Secrets } from '../../store/index.ts'
import { limitBytes } from '../../sandbox/index.ts'

/**
 * Tarballs that clients upload for builds. An upload's address is its secret: an id that we have
 * sealed, so nothing need be kept until the bytes come.
 */
export type Sources = Readonly<{
  /** Secret for the two addresses of a new source. */
  create: () => string
  /** Keeps an upload. @throws Problem `not_found`, `slug_too_large` */
  receive: (secret: string, body: Readable) => Promise<void>
  /** The file of an upload; undefined if the address is not one of ours. */
  fileAt: (url: string) => string | undefined
  /** Removes uploads of yesterday. */
  prune: () => Promise<void>
}>

export function openSources(home: Home, secrets: Secrets): Sources {
  const folder = join(home.builds, 'sources')
  const fileOf = (secret: string): string | undefined => {
    const id = openSecret(secret, secrets)
    return id === undefined ? undefined : join(folder, `${id}.tar`)
  }
  return {
    create: () => Buffer.from(secrets.seal(randomUUID(), ABOUT)).toString('base64url'),
    async receive(secret, body) {
      const file = fileOf(secret)
      if (file === undefined) throw problem('not_found', 'There is no such source.')
      await mkdir(folder, { recursive: true, mode: 0o711 })
      const temporary = `${file}.${randomUUID()}.tmp`
      try {
        await pipeline(
          body,
          limitBytes(SOURCE_BYTES_MAX),
          createWriteStream(temporary, { mode: 0o600 }),
        )
        await rename(temporary, file)
      } finally {
        await rm(temporary, { force: true })
      }
    },
    fileAt(url) {
      const secret = /\/sources\/([\w-]+)$/.exec(URL.parse(url)?.pathname ?? '')?.[1]
      return secret === undefined ? undefined : fileOf(secret)
    },
    async prune() {
      for (const name of await readdir(folder).catch(() => [])) {
        const { mtimeMs } = await stat(join(folder, name))
        if (Date.now() - mtimeMs > SOURCE_KEPT_MS) await rm(join(folder, name), { force: true })
      }
    },
  }
}

const ABOUT = 'source'

/** As on Heroku: an address works for an hour; a day leaves room for slow builds. */
const SOURCE_KEPT_MS = 24 * 60 * 60_000

/** Largest source tarball; Heroku's limit is that of the slug, compressed. */
const SOURCE_BYTES_MAX = 1024 * 1024 * 1024

function openSecret(secret: string, secrets: Secrets): string | undefined {
  try {
    const id = secrets.open(Buffer.from(secret, 'base64url'), ABOUT)
    return /^[0-9a-f-]{36}$/.test(id) ? id : undefined
  } catch {
    return undefined
  }
}
