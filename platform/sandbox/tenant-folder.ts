import { constants, type Dirent } from 'node:fs'
import { lstat, open, readdir, readlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '@hokku/kit/error-code'

/** The name of an entry: bytes where a program wrote what is not UTF-8. */
export type Name = string | Buffer

/**
 * A folder that an app's own programs can write, held open. Its entries are reached through the
 * descriptor, one name at a time, so no link that an app makes can lead us anywhere else, not even
 * one that it swaps in while we look.
 *
 * Where the system has no `/proc` (macOS) entries are reached by path: apps there run as the same
 * user as the platform, so a link leads to nothing that they could not open themselves.
 */
export class TenantFolder implements AsyncDisposable {
  readonly #handle: FileHandle
  readonly #path: string

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle
    this.#path = path
  }

  /**
   * Opens the top of a tree. The folder above it has to be the platform's own.
   *
   * @returns undefined when there is no folder at `path`
   */
  static async open(path: string): Promise<TenantFolder | undefined> {
    return await openFolder(path, path)
  }

  /** A folder in this one; undefined for anything else, a link to a folder included. */
  async folder(name: Name): Promise<TenantFolder | undefined> {
    return await openFolder(this.at(name), join(this.#path, name.toString()))
  }

  /**
   * Opens a file for reading; undefined when there is none. A pipe does not block.
   *
   * @throws Error `ELOOP` for a link
   */
  async file(name: Name): Promise<FileHandle | undefined> {
    try {
      return await open(this.at(name), FILE_FLAGS)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** What an entry is, links not followed; undefined when there is none. */
  async status(name: Name) {
    return await lstat(this.at(name)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    })
  }

  /** Where a link points to; undefined for what is not a link. */
  async link(name: Name): Promise<string | undefined> {
    return await readlink(this.at(name)).catch(() => undefined)
  }

  async names(): Promise<Dirent<Buffer>[]> {
    return await readdir(this.#root(), { encoding: 'buffer', withFileTypes: true })
  }

  /** A path for one call of the file system that does not follow a link in its last component. */
  at(name: Name): Name {
    if (typeof name === 'string') return `${this.#root()}/${name}`
    return Buffer.concat([Buffer.from(`${this.#root()}/`), name])
  }

  /** Lets the owner of a folder list and change it; for folders that a build made read-only. */
  async unlock(): Promise<void> {
    await this.#handle.chmod(0o700)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }

  #root(): string {
    return HAS_PROC ? `/proc/self/fd/${this.#handle.fd}` : this.#path
  }
}

async function openFolder(at: Name, path: string): Promise<TenantFolder | undefined> {
  try {
    return new TenantFolder(await open(at, FOLDER_FLAGS), path)
  } catch (error) {
    if (NO_FOLDER.has(codeOf(error) ?? '')) return undefined
    throw error
  }
}

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants
const FOLDER_FLAGS = O_RDONLY | O_NOFOLLOW | O_DIRECTORY
const FILE_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK

/** Not there, a file, or a link: kernels differ in what they call the last one. */
const NO_FOLDER = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK'])

const HAS_PROC = process.platform === 'linux'
