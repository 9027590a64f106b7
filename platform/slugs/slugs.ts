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
import type { NewTree, SlugStore } from './contract.ts'
import { NO_LAYOUT, packTree, type Part } from './keep-tree.ts'
import { exists, layerStore } from './layer-store.ts'
import { parseManifest, sizeOf, type Manifest } from './manifest.ts'
import { pruneSlugs } from './prune.ts'
import { packBlob, unpackBlob } from './transfer.ts'

export type SlugEffects = Readonly<{
  home: Home
  store: Pick<Store, 'slugs' | 'releases' | 'apps'>
  sandbox: Pick<Sandbox, 'mode' | 'user'>
}>

/** Slugs on disk. */
export function openSlugs(effects: SlugEffects): SlugStore {
  const { home, sandbox, store } = effects
  const layers = layerStore(home)
  const isolated = sandbox.mode.kind === 'isolated'
  const once = onceAtATime()
  const keeping = keepingApart()

  async function unpackAll(slug: Slug): Promise<string[]> {
    const owner = sandbox.user(slug.appId)
    return Promise.all(
      manifestOf(slug).layers.map((layer) =>
        once(layers.unpackedFolder(slug.appId, layer), () =>
          layers.unpack(slug.appId, layer, owner),
        ),
      ),
    )
  }

  function materialise(slug: Slug): Promise<string> {
    const folder = layers.treeFolder(slug.appId, manifestOf(slug).folder)
    return once(folder, async () => {
      if (await exists(folder)) return folder
      const temporary = `${folder}.tmp`
      await removeTree(temporary)
      try {
        await copyLayers(await unpackAll(slug), temporary, sandbox.user(slug.appId))
        await rename(temporary, folder)
      } finally {
        await removeTree(temporary)
      }
      return folder
    })
  }

  function newTree(appId: string): NewTree {
    const folder = randomUUID()
    const path = isolated ? join(home.builds, 'trees', folder) : layers.treeFolder(appId, folder)
    return { folder, path }
  }

  const keep: SlugStore['keep'] = (appId, tree, layout, seenRuntime) =>
    keeping.keep(async (reserve) => {
      const parts = await packTree(tree.path, layout, { home, layers, seenRuntime })
      parts.forEach(({ layer }) => reserve(layer.digest))
      if (isolated) await adopt(appId, tree, parts)
      const all = parts.map((part) => part.layer)
      const manifest: Manifest = { version: 1, folder: tree.folder, layers: all }
      return { manifest, checksum: checksumOf(manifest), size: sizeOf(all) }
    })

  async function adopt(appId: string, tree: NewTree, parts: readonly Part[]): Promise<void> {
    const owner = sandbox.user(appId)
    for (const { layer, paths, isLink } of parts) {
      if (isLink) {
        await layers.unpack(appId, layer, null)
        for (const path of paths) await removeTenantEntry(tree.path, path)
      } else await layers.adopt(appId, layer, tree.path, paths, owner)
    }
  }

  return {
    layers: unpackAll,
    materialise,
    newTree,
    keep,
    prune: (running) => {
      for (const slug of store.slugs.list()) {
        for (const { digest } of slug.manifest === null ? [] : manifestOf(slug).layers) {
          keeping.release(digest)
        }
      }
      return keeping.prune((reserved) => pruneSlugs(running, { home, store, layers, reserved }))
    },
    async remove(appId) {
      await removeTree(layers.appFolder(appId))
    },
    async receive(slug: Slug, body: Readable, bytesMax: number) {
      if (slug.manifest !== null) {
        throw problem('invalid_params', `Slug ${slug.id} has its content already.`)
      }
      const tree = newTree(slug.appId)
      try {
        await mkdir(dirname(tree.path), { recursive: true, mode: 0o711 })
        const owner = sandbox.user(slug.appId)
        await unpackBlob(body, tree.path, { owner, checksum: slug.checksum, bytesMax })
        const { manifest, checksum, size } = await keep(slug.appId, tree, NO_LAYOUT, home.runtime)
        const done = { manifest: JSON.stringify(manifest), size }
        return store.slugs.complete(slug.id, { ...done, checksum: slug.checksum ?? checksum })
      } finally {
        if (isolated) await removeTree(tree.path)
      }
    },
    async *send(slug: Slug) {
      const folder = await materialise(slug)
      try {
        yield* packBlob(folder)
      } finally {
        if (isolated) await removeTree(folder)
      }
    },
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
