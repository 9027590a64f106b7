import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { exitOf, gitEnvironment, runGit } from './git.ts'
import type { Repository } from './repository.ts'

/** A commit, and where its objects are while a push is not yet accepted. */
export type CommitSource = Readonly<{
  repository: Repository
  sha: string
  quarantine: readonly string[]
}>

/**
 * The files of a commit as a tar archive, without any of git's own. The stream fails when git does.
 */
export function archiveCommit(source: CommitSource, signal: AbortSignal): Readable {
  const archive = spawn(
    'git',
    ['--git-dir', source.repository.folder, 'archive', '--format=tar', source.sha],
    {
      env: gitEnvironment(objectFolders(source)),
      signal,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const ended = exitOf(archive)
  ended.catch(() => {})
  return Readable.from(checked(archive.stdout, ended, source.sha), { objectMode: false })
}

async function* checked(
  output: Readable,
  ended: Promise<number | null>,
  sha: string,
): AsyncGenerator<Uint8Array> {
  yield* output as AsyncIterable<Uint8Array>
  const code = await ended
  if (code !== 0) throw new Error(`git archive ${sha} ended with ${code ?? 'a signal'}`)
}

/** What kind of object a name stands for, e.g. `commit` or `tag`; undefined if there is none. */
export async function objectType(source: CommitSource): Promise<string | undefined> {
  const { code, stdout } = await runGit(
    ['--git-dir', source.repository.folder, 'cat-file', '-t', source.sha],
    { env: objectFolders(source) },
  )
  return code === 0 ? stdout.trim() : undefined
}

/** First line of a commit's message. */
export async function commitSubject(source: CommitSource): Promise<string> {
  const { stdout } = await runGit(
    ['--git-dir', source.repository.folder, 'show', '-s', '--format=%s', source.sha],
    { env: objectFolders(source) },
  )
  return stdout.trim()
}

/** The objects of a push lie in quarantine folders beside the repository's own. */
export function objectFolders(source: Pick<CommitSource, 'quarantine'>): Record<string, string> {
  const [first, ...others] = source.quarantine
  if (first === undefined) return {}
  return { GIT_OBJECT_DIRECTORY: first, GIT_ALTERNATE_OBJECT_DIRECTORIES: others.join(':') }
}
