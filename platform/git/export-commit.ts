import { spawn } from 'node:child_process'
import { exitOf, gitEnvironment, runGit } from './git.ts'
import type { Repository } from './repository.ts'

/** A commit, and where its objects are while a push is not yet accepted. */
export type CommitSource = Readonly<{
  repository: Repository
  sha: string
  quarantine: readonly string[]
}>

/** Puts the files of a commit into an existing empty folder, without any of git's own. */
export async function exportCommit(
  source: CommitSource,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { env: gitEnvironment(objectFolders(source)), signal }
  const archive = spawn(
    'git',
    ['--git-dir', source.repository.folder, 'archive', '--format=tar', source.sha],
    { ...options, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const tar = spawn('tar', ['-xf', '-', '-C', folder], {
    ...options,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  tar.stdin.on('error', () => {})
  archive.stdout.pipe(tar.stdin)
  const [archived, unpacked] = await Promise.all([exitOf(archive), exitOf(tar)])
  if (archived !== 0) throw new Error(`git archive ${source.sha} ended with ${archived}`)
  if (unpacked !== 0) throw new Error(`tar ended with ${unpacked} while unpacking ${source.sha}`)
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
