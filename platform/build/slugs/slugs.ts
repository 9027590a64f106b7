import { createHash, randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sandbox } from '../../dynos/index.ts'
import type { Home, Slug, Store } from '../../store/index.ts'
import type { Slugs } from '../contract.ts'
import { packTree, type Layout } from './keep-tree.ts'
import { exists, giveTo, layerStore } from './layer-store.ts'
import { parseManifest, sizeOf, type Manifest } from './manifest.ts'
import { copyTree } from './copy-tree.ts'

/** What a build gets for its tree. */
export type KeptTree = Readonly<{ manifest: Manifest; checksum: string; size: number }>

/** A folder for a tree, and the name under which the slug will know it. */
export type NewTree = Readonly<{ folder: string; path: string }>

export type SlugRoom = Slugs &
  Readonly<{
    /** Where the tree of a build is made: in plain mode the place at which it will stay. */
    newTree: (appId: string) => NewTree
    /** Packs a finished tree, and keeps it unpacked for the dynos that start next. */
    keep: (appId: string, tree: NewTree, layout: Layout, seenRuntime: string) => Promise<KeptTree>
    /** Forgets the trees of an app. Packed layers go with the next `prune`. */
    remove: (appId: string) => Promise<void>
  }>

export type SlugEffects = Readonly<{
  home: Home
  store: Pick<Store, 'slugs' | 'releases' | 'apps'>
  sandbox: Pick<Sandbox, 'mode' | 'user'>
}>

/** Slugs on disk. */
export function openSlugs(effects: SlugEffects): SlugRoom {
  const { home, sandbox } = effects
  const layers = layerStore(home)
  const isolated = sandbox.mode.kind === 'isolated'
  const once = onceAtATime()

  const unpackAll = async (slug: Slug): Promise<string[]> => {
    const manifest = manifestOf(slug)
    const owner = sandbox.user(slug.appId)
    return Promise.all(
      manifest.layers.map((layer) =>
        once(layers.unpackedFolder(slug.appId, layer), () =>
          layers.unpack(slug.appId, layer, owner),
        ),
      ),
    )
  }
  return {
    layers: unpackAll,
    async materialise(slug) {
      const folder = layers.treeFolder(slug.appId, manifestOf(slug).folder)
      return once(folder, async () => {
        if (await exists(folder)) return folder
        const temporary = `${folder}.tmp`
        await rm(temporary, { recursive: true, force: true })
        for (const layer of await unpackAll(slug)) await copyTree(layer, temporary)
        await giveTo(temporary, sandbox.user(slug.appId))
        await rename(temporary, folder)
        return folder
      })
    },
    newTree(appId) {
      const folder = randomUUID()
      const path = isolated ? join(home.builds, 'trees', folder) : layers.treeFolder(appId, folder)
      return { folder, path }
    },
    async keep(appId, tree, layout, seenRuntime) {
      const parts = await packTree(tree.path, layout, { home, layers, seenRuntime })
      const manifest: Manifest = {
        version: 1,
        folder: tree.folder,
        layers: parts.map((part) => part.layer),
      }
      for (const { layer, paths } of isolated ? parts : []) {
        if (paths.length === 0) await layers.unpack(appId, layer, null)
        else await layers.adopt(appId, layer, tree.path, paths, sandbox.user(appId))
      }
      return { manifest, checksum: checksumOf(manifest), size: sizeOf(manifest.layers) }
    },
    async remove(appId) {
      await rm(layers.appFolder(appId), { recursive: true, force: true })
    },
    async prune() {},
  }
}

export function manifestOf(slug: Slug): Manifest {
  if (slug.manifest === null) throw new Error(`slug ${slug.id} has not been uploaded`)
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
