import { readTenantText, tenantEntry } from '../../sandbox/index.ts'

/**
 * The buildpacks that files of an app ask for when its owner has chosen none: the lines of
 * `.buildpacks`, else the one for an `Aptfile` before the one that knows the app.
 */
export async function listedBuildpacks(tree: string): Promise<readonly (string | null)[]> {
  const list = await readTenantText(tree, '.buildpacks', LIST_BYTES_MAX)
  const lines = (list ?? '').split(/\r?\n/).map((line) => line.trim())
  const named = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (named.length > 0) return named
  return (await tenantEntry(tree, 'Aptfile')) === 'file' ? ['hokku/apt', null] : []
}

/** Room for a hundred addresses. */
const LIST_BYTES_MAX = 16 * 1024
