import { chown, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { problem, type App, type Build, type Home } from '../../store/index.ts'
import { archiveCommit, lfsPointers, objectType, repositoryOf } from '../../git/index.ts'
import { unpackArchive, type Owner } from '../../sandbox/index.ts'
import type { PushText } from '../push-text.ts'
import { placeLfsFiles } from './lfs-files.ts'
import { fetchSubmodules } from './fetch-submodules.ts'
import { applySlugignore } from './slugignore.ts'
import { unpackTarball } from './tarball.ts'
import type { Sources } from './sources.ts'

export type SourceFetch = Readonly<{
  build: Build
  app: App
  /** Where the source tree is made; the folder above it has to be the platform's own. */
  tree: string
  /** Whose files they become. */
  owner: Owner
  /** A folder for what is needed on the way. */
  scratch: string
  quarantine: readonly string[]
  environment: Readonly<Record<string, string>>
  text: PushText
  signal: AbortSignal
}>

/**
 * Fetches the source of a build, with its submodules, and leaves out what `.slugignore` names.
 *
 * @throws Problem `build_rejected`
 */
export async function fetchSource(
  fetch: SourceFetch,
  { home, sources }: Readonly<{ home: Home; sources: Sources }>,
): Promise<void> {
  await mkdir(dirname(fetch.tree), { recursive: true, mode: 0o711 })
  const { source } = fetch.build
  if (source.kind === 'commit') await fetchCommit(fetch, source.sha, home)
  else await unpackTarball(source.url, fetch.tree, { ...fetch, sources })
  const removed = await applySlugignore(fetch.tree)
  if (removed > 0) fetch.text.detail(`Left out by .slugignore: ${removed} files and folders`)
}

async function fetchCommit(fetch: SourceFetch, sha: string, home: Home): Promise<void> {
  const { tree, owner, signal, scratch, environment, text } = fetch
  const repository = repositoryOf(home, fetch.app.id)
  const source = { repository, sha, quarantine: fetch.quarantine }
  const type = await objectType(source)
  if (type !== 'commit') {
    throw problem(
      'build_rejected',
      `What was pushed is a ${type ?? 'missing object'}, not a commit.`,
      {
        hint: 'To deploy a tag: git push heroku <tag>^{}:main',
      },
    )
  }
  await mkdir(tree, { mode: 0o755 })
  if (owner !== null) await chown(tree, owner.uid, owner.uid)
  await unpackArchive(archiveCommit(source, signal), tree, owner, signal)
  await placeLfsFiles(await lfsPointers(source), fetch, home)
  const onFetch = (path: string, url: string): void =>
    text.topic(`Fetching submodule ${path} (${url})`)
  await fetchSubmodules({ source, tree, path: '', owner, scratch, environment, signal, onFetch })
}
