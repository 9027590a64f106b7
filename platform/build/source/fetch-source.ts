import { mkdir } from 'node:fs/promises'
import { problem, type App, type Build, type Home } from '../../store/index.ts'
import { exportCommit, fetchSubmodules, objectType, repositoryOf } from '../../git/index.ts'
import type { PushText } from '../push-text.ts'
import { applySlugignore } from './slugignore.ts'
import { unpackTarball } from './tarball.ts'
import type { Sources } from './sources.ts'

export type SourceFetch = Readonly<{
  build: Build
  app: App
  /** An empty folder that becomes the source tree. */
  tree: string
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
  await mkdir(fetch.tree, { recursive: true, mode: 0o755 })
  const { source } = fetch.build
  if (source.kind === 'commit') await fetchCommit(fetch, source.sha, home)
  else await unpackTarball(source.url, fetch.tree, { ...fetch, sources })
  const removed = await applySlugignore(fetch.tree)
  if (removed > 0) fetch.text.detail(`Left out by .slugignore: ${removed} files and folders`)
}

async function fetchCommit(fetch: SourceFetch, sha: string, home: Home): Promise<void> {
  const { tree, signal, scratch, environment, text } = fetch
  const repository = repositoryOf(home, fetch.app.id)
  const source = { repository, sha, quarantine: fetch.quarantine }
  const type = await objectType(source)
  if (type !== 'commit') {
    throw problem(
      'build_rejected',
      `What was pushed is a ${type ?? 'missing object'}, no commit.`,
      {
        hint: 'To deploy a tag: git push heroku <tag>^{}:main',
      },
    )
  }
  await exportCommit(source, tree, signal)
  const onFetch = (path: string, url: string): void =>
    text.topic(`Fetching submodule ${path} (${url})`)
  await fetchSubmodules({ source, folder: tree, scratch, environment, signal, onFetch })
}
