import { cp, mkdir } from 'node:fs/promises'

/** Copies a layer over a tree that holds the layers below it. Links stay links, times stay. */
export async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 })
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    force: true,
  })
}
