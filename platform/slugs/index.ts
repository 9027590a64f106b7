export type { KeptTree, NewTree, Slugs, SlugStore } from './contract.ts'
export type { Layout } from './keep-tree.ts'
export { exists, giveTo } from './layer-store.ts'
export { openSlugs, type SlugEffects } from './slugs.ts'
