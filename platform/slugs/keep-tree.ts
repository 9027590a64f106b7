import { readFile, stat } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import { listPart, listTree, tenantEntry, tenantLink, type TreeEntry } from '../sandbox/index.ts'
import type { Home } from '../store/index.ts'
import { exists, type LayerStore } from './layer-store.ts'
import type { Layer, LayerKind } from './manifest.ts'
import { digestOf } from './tree.ts'

/** Which parts of their own tree are layers; the rest is the app's. */
export type Layout = Readonly<Record<Exclude<LayerKind, 'app'>, readonly string[]>>

/** Everything is the app's. */
export const NO_LAYOUT: Layout = { runtime: [], framework: [], dependencies: [] }

/** One layer of a tree that is about to be kept. */
export type Part = Readonly<{
  layer: Layer
  /** Where in the tree it is. */
  paths: readonly string[]
  /** There is only a link to a runtime there. */
  isLink: boolean
}>

export type KeepEffects = Readonly<{
  home: Home
  layers: LayerStore
  /** Where the tree's programs saw the platform's runtimes: links to them start with it. */
  seenRuntime: string
}>

/**
 * Packs a built tree as layers, lowest first. A layer that is there already is not packed again.
 *
 * A part that is a link to one of the platform's runtimes becomes that runtime's layer: packed
 * once for all apps, and never copied into a tree.
 */
export async function packTree(
  tree: string,
  layout: Layout,
  effects: KeepEffects,
): Promise<Part[]> {
  const parts: Part[] = []
  const own = new Set<string>()
  for (const kind of ['runtime', 'framework', 'dependencies'] as const) {
    const present = await presentIn(tree, layout[kind])
    for (const path of present) {
      own.add(path)
      const target = await runtimeBehind(tree, path, effects)
      const layer =
        target === undefined
          ? await packPart(tree, kind, path, effects.layers)
          : await packRuntime(target, kind, path, effects)
      parts.push({ layer, paths: [path], isLink: target !== undefined })
    }
  }
  return [...parts, await packRest(tree, own, effects.layers)]
}

async function presentIn(tree: string, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => ((await tenantEntry(tree, path)) === undefined ? [] : [path])),
  )
  return found.flat()
}

/** The runtime folder that a link points to; a tree may not link to anything else of ours. */
async function runtimeBehind(
  tree: string,
  path: string,
  { home, seenRuntime }: KeepEffects,
): Promise<string | undefined> {
  const target = (await tenantLink(tree, path)) ?? ''
  if (!target.startsWith(`${seenRuntime}/`)) return undefined
  const name = target.slice(seenRuntime.length + 1)
  if (name.split('/').includes('..')) return undefined
  const folder = join(home.runtime, name)
  const status = await stat(folder).catch(() => null)
  const renamed = status?.isFile() === true && basename(folder) !== basename(path)
  return status === null || renamed ? undefined : folder
}

async function packPart(
  tree: string,
  kind: LayerKind,
  path: string,
  layers: LayerStore,
): Promise<Layer> {
  return pack(tree, kind, await listPart(tree, path), layers)
}

async function packRest(tree: string, own: ReadonlySet<string>, layers: LayerStore): Promise<Part> {
  const entries = await listTree(tree, own)
  const layer = await pack(tree, 'app', entries, layers)
  const tops = entries.filter(({ path }) => !path.includes('/')).map(({ path }) => path)
  return { layer, paths: tops, isLink: false }
}

async function pack(
  root: string,
  kind: LayerKind,
  entries: readonly TreeEntry[],
  layers: LayerStore,
  prefix = '',
): Promise<Layer> {
  const digest = digestOf(entries, prefix)
  const known = await knownLayer(layers, digest)
  if (known !== undefined) return { kind, digest, ...known }
  const packed = await layers.pack(root, entries, digest, prefix)
  await writeDurably(layers.noteFile(digest), JSON.stringify(packed))
  return { kind, digest, ...packed }
}

async function knownLayer(
  layers: LayerStore,
  digest: string,
): Promise<Pick<Layer, 'checksum' | 'bytes'> | undefined> {
  if (!(await exists(layers.packedFile(digest)))) return undefined
  const note = await readFile(layers.noteFile(digest), 'utf8').catch(() => undefined)
  return note === undefined ? undefined : (JSON.parse(note) as Layer)
}

/** A runtime never changes, so what was found out about it once is kept under its path. */
async function packRuntime(
  target: string,
  kind: LayerKind,
  path: string,
  { home, layers }: KeepEffects,
): Promise<Layer> {
  const name = createHash('sha256').update(`${target}\0${path}`).digest('hex')
  const note = join(home.slugs, 'runtimes', `${name}.json`)
  const kept = await readFile(note, 'utf8').catch(() => undefined)
  if (kept !== undefined) {
    const layer = JSON.parse(kept) as Layer
    if (await exists(layers.packedFile(layer.digest))) return { ...layer, kind }
  }
  const layer = await packTarget(target, kind, path, layers)
  await writeDurably(note, JSON.stringify(layer))
  return layer
}

/** A folder may have another name than the link to it; a single file keeps its own. */
async function packTarget(
  target: string,
  kind: LayerKind,
  path: string,
  layers: LayerStore,
): Promise<Layer> {
  if ((await stat(target)).isDirectory()) {
    return pack(target, kind, await listTree(target), layers, `${path}/`)
  }
  const entries = await listPart(dirname(target), basename(target))
  return pack(dirname(target), kind, entries, layers, `${dirname(path)}/`)
}
