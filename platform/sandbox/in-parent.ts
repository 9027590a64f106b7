import { TenantFolder } from './tenant-folder.ts'

/**
 * Does something with the folder that holds `path`; undefined when no folder does, or when it is
 * behind a link.
 *
 * @param root the folder above it has to be the platform's own
 */
export async function inParent<T>(
  root: string,
  path: string,
  work: (parent: TenantFolder, name: string) => Promise<T>,
): Promise<T | undefined> {
  const names = path.split('/')
  const last = names.pop() ?? ''
  let folder = await TenantFolder.open(root)
  try {
    for (const name of names) {
      if (folder === undefined) return undefined
      const next: TenantFolder | undefined = await folder.folder(name)
      await folder[Symbol.asyncDispose]()
      folder = next
    }
    return folder === undefined ? undefined : await work(folder, last)
  } finally {
    await folder?.[Symbol.asyncDispose]()
  }
}
