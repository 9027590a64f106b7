import { chown, mkdir, readdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { spawn } from 'node:child_process'
import { childExit } from '@hokku/kit/child-exit'
import { moveTenantEntry, removeTree, type Owner, type TreeEntry } from '../sandbox/index.ts'
import type { Home } from '../store/index.ts'
import { packLayer, unpackLayer, type Packed } from './archive.ts'
import { isShared, type Layer } from './manifest.ts'

/** Layers on disk: packed ones to keep, unpacked ones to run from. */
export class LayerStore {
  readonly #home: Pick<Home, 'slugs' | 'unpacked'>

  constructor(home: Pick<Home, 'slugs' | 'unpacked'>) {
    this.#home = home
  }

  packedFile(digest: string): string {
    return join(this.#home.slugs, `${digest}.tar.zst`)
  }

  /** Checksum and size of a packed layer, kept beside it. */
  noteFile(digest: string): string {
    return join(this.#home.slugs, `${digest}.json`)
  }

  unpackedFolder(appId: string, { kind, digest }: Pick<Layer, 'kind' | 'digest'>): string {
    return isShared(kind)
      ? join(this.#home.unpacked, 'shared', digest)
      : join(this.appFolder(appId), digest)
  }

  /** Folder of the whole tree of a slug, for plain mode. */
  treeFolder(appId: string, name: string): string {
    return join(this.appFolder(appId), name)
  }

  appFolder(appId: string): string {
    return join(this.#home.unpacked, 'apps', appId)
  }

  async pack(
    root: string,
    entries: readonly TreeEntry[],
    digest: string,
    prefix = '',
  ): Promise<Packed> {
    return await packLayer(root, entries, this.packedFile(digest), prefix)
  }

  async remove(digest: string): Promise<void> {
    for (const file of [this.packedFile(digest), this.noteFile(digest)]) {
      await unlink(file).catch(() => {})
    }
  }

  /** The unpacked layer; made unless it is there. */
  async unpack(appId: string, layer: Layer, owner: Owner): Promise<string> {
    const folder = this.unpackedFolder(appId, layer)
    if (await exists(folder)) return folder
    await openWay(dirname(folder))
    const packed = { file: this.packedFile(layer.digest), checksum: layer.checksum }
    await unpackLayer(packed, folder, isShared(layer.kind) ? null : owner)
    return folder
  }

  /** Takes a fresh tree's parts over as an unpacked layer: no copy, they are moved. */
  async adopt(
    appId: string,
    layer: Layer,
    from: Readonly<{ tree: string; paths: readonly string[]; owner: Owner }>,
  ): Promise<void> {
    const folder = this.unpackedFolder(appId, layer)
    if (await exists(folder)) return
    const temporary = `${folder}.tmp`
    await removeTree(temporary)
    await openWay(dirname(folder))
    for (const parent of parentsOf(from.paths)) {
      await mkdir(join(temporary, parent), { recursive: true, mode: 0o755 })
      if (from.owner !== null && !isShared(layer.kind)) {
        await chown(join(temporary, parent), from.owner.uid, from.owner.uid)
      }
    }
    for (const path of from.paths) await moveTenantEntry(from.tree, path, join(temporary, path))
    await rename(temporary, folder)
  }

  /** Digests of all packed layers. */
  async packed(): Promise<string[]> {
    return (await readdir(this.#home.slugs).catch(() => []))
      .filter((name) => name.endsWith('.tar.zst'))
      .map((name) => name.replace('.tar.zst', ''))
  }
}

/** Folders that other users pass through, but may not list. */
const openWay = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o711 })
}

/** Folders above `paths`, highest first: `['.heroku/python']` → `['', '.heroku']`. */
function parentsOf(paths: readonly string[]): string[] {
  const parents = paths.flatMap((path) => {
    const names = path.split('/').slice(0, -1)
    return names.map((_, i) => names.slice(0, i + 1).join('/'))
  })
  return [...new Set(['', ...parents])]
}

/** Gives a tree to a user, links themselves included. */
export async function giveTo(folder: string, owner: Owner): Promise<void> {
  if (owner === null) return
  await chown(folder, owner.uid, owner.uid)
  const ids = `${owner.uid}:${owner.uid}`
  const child = spawn('chown', ['-R', '-h', ids, folder], { stdio: 'ignore' })
  const { code } = await childExit(child)
  if (code !== 0) throw new Error(`chown of ${folder} ended with ${code}`)
}

export const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null)) !== null
