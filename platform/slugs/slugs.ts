import { createHash, randomUUID } from 'node:crypto'
import { chown, mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  archiveOf,
  listTree,
  removeTree,
  removeTenantEntry,
  unpackArchive,
  type Owner,
  type Sandbox,
} from '../sandbox/index.ts'
import { problem, type Home, type Slug, type Store } from '../store/index.ts'
import type { KeptTree, NewTree, SlugStore } from './contract.ts'
import { NO_LAYOUT, packTree, type Layout, type Part } from './keep-tree.ts'
import { exists, LayerStore } from './layer-store.ts'
import { parseManifest, sizeOf, type Manifest } from './manifest.ts'
import { pruneSlugs } from './prune.ts'
import { packBlob, unpackBlob } from './transfer.ts'

export type SlugEffects = Readonly<{
  home: Home
  store: Pick<Store, 'slugs' | 'releases' | 'apps'>
  sandbox: Pick<Sandbox, 'mode' | 'user'>
}>

/** Slugs on disk. */
export const openSlugs = (effects: SlugEffects): SlugStore => new DiskSlugs(effects)

class DiskSlugs implements SlugStore {
  readonly #effects: SlugEffects
  readonly #layers: LayerStore
  readonly #isIsolated: boolean
  readonly #once = onceAtATime()
  readonly #keeping = keepingApart()

  constructor(effects: SlugEffects) {
    this.#effects = effects
    this.#layers = new LayerStore(effects.home)
    this.#isIsolated = effects.sandbox.mode.kind === 'isolated'
  }

  async layers(slug: Slug): Promise<string[]> {
    const owner = this.#effects.sandbox.user(slug.appId)
    return await Promise.all(
      manifestOf(slug).layers.map((layer) =>
        this.#once(this.#layers.unpackedFolder(slug.appId, layer), () =>
          this.#layers.unpack(slug.appId, layer, owner),
        ),
      ),
    )
  }

  async materialise(slug: Slug): Promise<string> {
    const folder = this.#layers.treeFolder(slug.appId, manifestOf(slug).folder)
    return await this.#once(folder, async () => {
      if (await exists(folder)) return folder
      const temporary = `${folder}.tmp`
      await removeTree(temporary)
      try {
        const owner = this.#effects.sandbox.user(slug.appId)
        await copyLayers(await this.layers(slug), temporary, owner)
        await rename(temporary, folder)
      } finally {
        await removeTree(temporary)
      }
      return folder
    })
  }

  newTree(appId: string): NewTree {
    const folder = randomUUID()
    const path = this.#isIsolated
      ? join(this.#effects.home.builds, 'trees', folder)
      : this.#layers.treeFolder(appId, folder)
    return { folder, path }
  }

  async keep(appId: string, tree: NewTree, layout: Layout, seenRuntime: string): Promise<KeptTree> {
    const { home } = this.#effects
    return await this.#keeping.keep(async (reserve) => {
      const parts = await packTree(tree.path, layout, { home, layers: this.#layers, seenRuntime })
      parts.forEach(({ layer }) => reserve(layer.digest))
      if (this.#isIsolated) await this.#adopt(appId, tree, parts)
      const all = parts.map((part) => part.layer)
      const manifest: Manifest = { version: 1, folder: tree.folder, layers: all }
      return { manifest, checksum: checksumOf(manifest), size: sizeOf(all) }
    })
  }

  async prune(running: ReadonlySet<string>): Promise<void> {
    const { home, store } = this.#effects
    for (const slug of store.slugs.list()) {
      for (const { digest } of slug.manifest === null ? [] : manifestOf(slug).layers) {
        this.#keeping.release(digest)
      }
    }
    await this.#keeping.prune((reserved) =>
      pruneSlugs(running, { home, store, layers: this.#layers, reserved }),
    )
  }

  async remove(appId: string): Promise<void> {
    await removeTree(this.#layers.appFolder(appId))
  }

  async receive(slug: Slug, body: Readable, bytesMax: number): Promise<Slug> {
    if (slug.manifest !== null) {
      throw problem('invalid_params', `Slug ${slug.id} has its content already.`)
    }
    const { home, sandbox, store } = this.#effects
    const tree = this.newTree(slug.appId)
    try {
      await mkdir(dirname(tree.path), { recursive: true, mode: 0o711 })
      const owner = sandbox.user(slug.appId)
      await unpackBlob(body, tree.path, { owner, checksum: slug.checksum, bytesMax })
      const kept = await this.keep(slug.appId, tree, NO_LAYOUT, home.runtime)
      return store.slugs.complete(slug.id, {
        manifest: JSON.stringify(kept.manifest),
        size: kept.size,
        checksum: slug.checksum ?? kept.checksum,
      })
    } finally {
      if (this.#isIsolated) await removeTree(tree.path)
    }
  }

  async *send(slug: Slug): AsyncGenerator<Uint8Array> {
    const folder = await this.materialise(slug)
    try {
      yield* packBlob(folder)
    } finally {
      if (this.#isIsolated) await removeTree(folder)
    }
  }

  async #adopt(appId: string, tree: NewTree, parts: readonly Part[]): Promise<void> {
    const owner = this.#effects.sandbox.user(appId)
    for (const { layer, paths, isLink } of parts) {
      if (isLink) {
        await this.#layers.unpack(appId, layer, null)
        for (const path of paths) await removeTenantEntry(tree.path, path)
      } else await this.#layers.adopt(appId, layer, { tree: tree.path, paths, owner })
    }
  }
}

/** Copies layers into one new tree, lowest first, as the user whose files they become. */
async function copyLayers(folders: readonly string[], tree: string, owner: Owner): Promise<void> {
  await mkdir(tree, { recursive: true, mode: 0o755 })
  if (owner !== null) await chown(tree, owner.uid, owner.uid)
  for (const folder of folders) {
    await unpackArchive(archiveOf(folder, await listTree(folder)), tree, owner)
  }
}

function manifestOf(slug: Slug): Manifest {
  if (slug.manifest === null) {
    throw problem('not_found', `Slug ${slug.id} has no content: it has not been uploaded.`)
  }
  return parseManifest(slug.manifest)
}

const checksumOf = ({ layers }: Manifest): string =>
  `SHA256:${createHash('sha256')
    .update(layers.map((layer) => layer.digest).join('\n'))
    .digest('hex')}`

/** Lets several callers that want the same thing wait for one piece of work. */
function onceAtATime() {
  const running = new Map<string, Promise<string>>()
  return (key: string, work: () => Promise<string>): Promise<string> => {
    const known = running.get(key)
    if (known !== undefined) return known
    const started = work().finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}

/**
 * Keeps packing and pruning apart, so that a layer found by the one is not removed by the other.
 * What was packed is reserved until a record names it, or surely never will.
 */
function keepingApart() {
  const reserved = new Map<string, number>()
  let packing = 0
  let pruning: Promise<void> | undefined
  return {
    async keep<T>(work: (reserve: (digest: string) => void) => Promise<T>): Promise<T> {
      while (pruning !== undefined) await pruning
      packing++
      try {
        return await work((digest) => reserved.set(digest, Date.now()))
      } finally {
        packing--
      }
    },
    /** A record names the layer now. */
    release: (digest: string): void => void reserved.delete(digest),
    /** Skipped while something is being packed: the next build prunes again. */
    async prune(work: (reserved: ReadonlySet<string>) => Promise<void>): Promise<void> {
      if (packing > 0 || pruning !== undefined) return
      for (const [digest, at] of reserved) {
        if (Date.now() - at > RESERVED_MS) reserved.delete(digest)
      }
      pruning = work(new Set(reserved.keys())).finally(() => (pruning = undefined))
      await pruning
    },
  }
}

/** From packing to the record of the slug pass milliseconds; a minute is ample. */
const RESERVED_MS = 60_000
