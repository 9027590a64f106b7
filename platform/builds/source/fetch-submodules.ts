import { problem } from '../../store/index.ts'
import {
  archiveCommit,
  listSubmodules,
  withSubmodule,
  type CommitSource,
  type Submodule,
} from '../../git/index.ts'
import { makeTenantFolder, readTenantText, unpackArchive, type Owner } from '../../sandbox/index.ts'

export type SubmoduleFetch = Readonly<{
  source: CommitSource
  /** The exported tree into which the submodules go. */
  tree: string
  /** Where in the tree the commit lies that names them; `` for its top. */
  path: string
  /** Whose files they become. */
  owner: Owner
  /** A folder of the platform's own for what is fetched. */
  scratch: string
  /** Proxy and certificate settings of this machine. */
  environment: Readonly<Record<string, string>>
  signal: AbortSignal
  onFetch: (path: string, url: string) => void
}>

/**
 * Fetches the submodules of an exported commit, and theirs.
 *
 * @throws Problem `build_rejected` that names the submodule
 */
export async function fetchSubmodules(fetch: SubmoduleFetch, depth = 0): Promise<void> {
  const file = fetch.path === '' ? '.gitmodules' : `${fetch.path}/.gitmodules`
  const text = await readTenantText(fetch.tree, file, GITMODULES_BYTES_MAX)
  if (text === null) return
  if (depth >= DEPTH_MAX) throw problem('build_rejected', 'Submodules are nested too deeply.')
  for (const submodule of await listSubmodules(fetch.source, text)) {
    fetch.onFetch(submodule.path, submodule.url)
    await fetchOne(fetch, submodule, depth)
  }
}

/** Hundreds of submodules fit into it. */
const GITMODULES_BYTES_MAX = 1024 * 1024

/** Submodules of submodules: real repositories nest two or three deep. */
const DEPTH_MAX = 5

async function fetchOne(fetch: SubmoduleFetch, submodule: Submodule, depth: number): Promise<void> {
  const path = fetch.path === '' ? submodule.path : `${fetch.path}/${submodule.path}`
  await withSubmodule(submodule, fetch, async (source, signal) => {
    const folder = await makeTenantFolder(fetch.tree, path, fetch.owner)
    await unpackArchive(archiveCommit(source, signal), folder, fetch.owner, signal)
    await fetchSubmodules({ ...fetch, source, path, signal }, depth + 1)
  })
}
