import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import type { Home } from '../../store/index.ts'
import { exists, type LayerStore } from './layer-store.ts'
import type { Layer, LayerKind } from './manifest.ts'
import { digestOf, listTree } from './tree.ts'

/** Which parts of a tree are layers of their own; the rest is the app's. */
export type Layout = Readonly<Record<Exclude<LayerKind, 'app'>, readonly string[]>>

/** Everything is the app's. */
export const NO_LAYOUT: Layout = { runtime: [], framework: [], dependencies: [] }

/** One layer of a tree that is about to be kept. */
export type Part = Readonly<{
  layer: Layer
  /** Where in the tree it lies. */
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
      const target = await runtimeBehind(join(tree, path), effects)
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
    paths.map(async (path) => ((await lstat(join(tree, path)).catch(() => null)) ? [path] : [])),
  )
  return found.flat()
}

/** The runtime folder that a link points to; a tree may not link to anything else of ours. */
async function runtimeBehind(
  path: string,
  { home, seenRuntime }: KeepEffects,
): Promise<string | undefined> {
  const target = await readlink(path).catch(() => '')
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
  const status = await lstat(join(tree, path))
  const executable = (status.mode & 0o111) !== 0
  if (!status.isDirectory()) {
    const type = status.isSymbolicLink() ? 'link' : 'file'
    return pack(tree, kind, [{ path, type, executable, size: status.size }], layers)
  }
  const inside = await listTree(join(tree, path), new Set())
  const entries = [
    { path, type: 'folder', executable: true, size: 0 } as const,
    ...inside.map((entry) => ({ ...entry, path: `${path}/${entry.path}` })),
  ]
  return pack(tree, kind, entries, layers)
}

async function packRest(tree: string, own: ReadonlySet<string>, layers: LayerStore): Promise<Part> {
  const entries = await listTree(tree, own)
  const layer = await pack(tree, 'app', entries, layers)
  const tops = (await readdir(tree)).filter((name) => !own.has(name))
  return { layer, paths: tops, isLink: false }
}

async function pack(
  root: string,
  kind: LayerKind,
  entries: Awaited<ReturnType<typeof listTree>>,
  layers: LayerStore,
  prefix = '',
): Promise<Layer> {
  const digest = await digestOf(root, entries, prefix)
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
  const status = await stat(target)
  if (status.isDirectory()) {
    return pack(target, kind, await listTree(target, new Set()), layers, `${path}/`)
  }
  const executable = (status.mode & 0o111) !== 0
  const entry = { path: basename(target), type: 'file', executable, size: status.size } as const
  return pack(dirname(target), kind, [entry], layers, `${dirname(path)}/`)
}
