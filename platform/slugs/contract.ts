import type { Readable } from 'node:stream'
import type { Slug } from '../store/index.ts'
import type { Layout } from './keep-tree.ts'
import type { Manifest } from './manifest.ts'

/** Slugs on disk: content-addressed layers, packed once and unpacked once. */
export type Slugs = Readonly<{
  /** Read-only folders, lowest first, that stacked at `/app` are the slug. Idempotent. */
  layers: (slug: Slug) => Promise<readonly string[]>
  /** Plain mode: the whole tree at the slug's one stable path; returns that path. Idempotent. */
  materialise: (slug: Slug) => Promise<string>
  /** Completes a slug with an upload, a `.tgz` with everything below `./app`. */
  receive: (slug: Slug, body: Readable, bytesMax: number) => Promise<Slug>
  /** A slug as such a `.tgz`. */
  send: (slug: Slug) => AsyncIterable<Uint8Array>
}>

/** What a build gets for its tree. */
export type KeptTree = Readonly<{ manifest: Manifest; checksum: string; size: number }>

/** A folder for a tree, and the name under which the slug will know it. */
export type NewTree = Readonly<{ folder: string; path: string }>

export type SlugStore = Slugs &
  Readonly<{
    /** Where the tree of a build is made: in plain mode the place at which it will stay. */
    newTree: (appId: string) => NewTree
    /** Packs a finished tree, and keeps it unpacked for the dynos that start next. */
    keep: (appId: string, tree: NewTree, layout: Layout, seenRuntime: string) => Promise<KeptTree>
    /** Removes what retention does not keep; slugs that are `running` stay. */
    prune: (running: ReadonlySet<string>) => Promise<void>
    /** Forgets the trees of an app. Packed layers go with the next `prune`. */
    remove: (appId: string) => Promise<void>
  }>
