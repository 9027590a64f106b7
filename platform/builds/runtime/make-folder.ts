import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { exists } from '../../slugs/index.ts'

/**
 * Makes a folder whose content never changes under its name, unless it is there. Others see all of
 * it or nothing: it is filled beside its place, then renamed. Of two that make it at once one wins.
 *
 * @returns the folder
 */
export async function makeFolder(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<string> {
  if (await exists(folder)) return folder
  const temporary = `${folder}.${randomUUID()}.tmp`
  try {
    await mkdir(temporary, { recursive: true, mode: 0o755 })
    await fill(temporary)
    await rename(temporary, folder)
  } catch (error) {
    if (!(await exists(folder))) throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return folder
}
