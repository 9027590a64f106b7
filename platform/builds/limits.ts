export type BuildLimits = Readonly<{
  /** How long a build may take in all, in milliseconds. */
  buildMs: number
  /** Largest slug, compressed, in bytes. */
  slugBytesMax: number
  /** What the tree of a build and its caches may hold on disk, in bytes and entries. */
  treeBytesMax: number
  treeFilesMax: number
  /** Disk space below which no build starts, in bytes. */
  diskFreeMin: number
}>

const MB = 1024 * 1024

/** Heroku's own limits, and room for one slug with its unpacked tree. */
export const LIMITS: BuildLimits = {
  buildMs: 15 * 60_000,
  slugBytesMax: 500 * MB,
  treeBytesMax: 16_384 * MB,
  treeFilesMax: 1_500_000,
  diskFreeMin: 1024 * MB,
}
