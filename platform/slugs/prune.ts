import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../sandbox/index.ts'
import type { Home, Slug, Store } from '../store/index.ts'
import type { LayerStore } from './layer-store.ts'
import { isShared, parseManifest, type Manifest } from './manifest.ts'
import { expendableSlugs } from './retention.ts'

export type PruneEffects = Readonly<{
  home: Pick<Home, 'unpacked' | 'slugs'>
  store: Pick<Store, 'slugs' | 'releases' | 'apps'>
  layers: LayerStore
  /** Layers that a build has packed, but no record names yet. */
  reserved: ReadonlySet<string>
}>

/** Removes slugs that retention does not keep, then every layer and tree that no slug names. */
export async function pruneSlugs(
  running: ReadonlySet<string>,
  effects: PruneEffects,
): Promise<void> {
  const { store, layers, home } = effects
  for (const app of store.apps.list()) {
    const slugs = store.slugs.list(app.id)
    for (const slug of expendableSlugs(slugs, store.releases.list(app.id), running)) {
      store.slugs.remove(slug.id)
    }
  }
  const kept = store.slugs.list().flatMap(withManifest)
  const digests = new Set(kept.flatMap(({ manifest }) => manifest.layers.map((one) => one.digest)))
  for (const digest of await layers.packed()) {
    if (!digests.has(digest) && !effects.reserved.has(digest)) await layers.remove(digest)
  }
  const shared = new Set([...digests, ...effects.reserved])
  await removeOthers(join(home.unpacked, 'shared'), shared)
  for (const appId of await readdir(join(home.unpacked, 'apps')).catch(() => [])) {
    const wanted = kept.filter(({ slug }) => slug.appId === appId).flatMap(namesOf)
    await removeOthers(layers.appFolder(appId), new Set([...wanted, ...effects.reserved]))
  }
}

type Kept = Readonly<{ slug: Slug; manifest: Manifest }>

const withManifest = (slug: Slug): Kept[] =>
  slug.manifest === null ? [] : [{ slug, manifest: parseManifest(slug.manifest) }]

/** What is in an app's own folder: its layers, and in plain mode the whole tree. */
const namesOf = ({ manifest }: Kept): string[] => [
  manifest.folder,
  ...manifest.layers.filter((layer) => !isShared(layer.kind)).map((layer) => layer.digest),
]

async function removeOthers(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!wanted.has(name)) await removeTree(join(folder, name))
  }
}
