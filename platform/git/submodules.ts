import { rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { problem } from '../store/index.ts'
import { objectFolders, type CommitSource } from './archive-commit.ts'
import { git, runGit } from './git.ts'

/** A submodule as a commit records it. */
export type Submodule = Readonly<{ path: string; url: string; sha: string }>

/**
 * The submodules that a commit records, of those that its `.gitmodules` names.
 *
 * @param text content of `.gitmodules`
 * @throws Problem `build_rejected` for a path or an address that is not followed
 */
export async function listSubmodules(source: CommitSource, text: string): Promise<Submodule[]> {
  const named = parseGitmodules(await readSettings(text))
  const found: Submodule[] = []
  for (const { path, url } of named) {
    const sha = await recordedCommit(source, path)
    if (sha === undefined) continue
    checkSubmodule(path, url)
    found.push({ path, url, sha })
  }
  return found
}

/** git reads its own format, from a pipe: the file is not opened again. */
async function readSettings(text: string): Promise<string> {
  const { code, stdout, stderr } = await runGit(
    ['config', '--file', '-', '--no-includes', '--null', '--list'],
    { input: text },
  )
  if (code === 0) return stdout
  throw problem('build_rejected', `.gitmodules cannot be read: ${stderr.trim()}`, {
    hint: 'Check it with: git config --file .gitmodules --list',
  })
}

/** Reads what `git config --null --list` prints of a `.gitmodules`. */
export function parseGitmodules(text: string): Pick<Submodule, 'path' | 'url'>[] {
  const found = new Map<string, { path?: string; url?: string }>()
  for (const setting of text.split('\0')) {
    const [key, value] = splitOnce(setting, '\n')
    const match = /^submodule\.(.*)\.(path|url)$/s.exec(key)
    const [, name, field] = match ?? []
    if (name === undefined || field === undefined) continue
    found.set(name, { ...found.get(name), [field]: value })
  }
  return [...found.values()].flatMap(({ path, url }) =>
    path === undefined || url === undefined ? [] : [{ path, url }],
  )
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function checkSubmodule(path: string, url: string): void {
  const unsafe = path.split('/').some((part) => part === '..' || part === '.git')
  if (path === '' || path.startsWith('/') || unsafe) {
    throw problem('build_rejected', `The submodule path ${path} leads out of the repository.`)
  }
  if (/^https?:\/\//i.test(url)) return
  throw problem('build_rejected', `The submodule ${path} is at ${url}, which is not fetched.`, {
    hint: 'Give it an https:// address in .gitmodules and push again.',
  })
}

/** The commit that a tree holds at a path; undefined if that is not a submodule. */
async function recordedCommit(source: CommitSource, path: string): Promise<string | undefined> {
  const { stdout } = await runGit(
    ['--git-dir', source.repository.folder, 'ls-tree', '-z', source.sha, '--', path],
    { env: objectFolders(source) },
  )
  return /^160000 commit ([0-9a-f]{40,64})\t/.exec(stdout)?.[1]
}

/**
 * Fetches the commit of a submodule into a repository that is gone after `work`. Only `http(s)` is
 * spoken: `file:` and `ext:` would read or run what is on this machine. Malformed trees are refused.
 *
 * @param scratch a folder of the platform's own
 * @param environment proxy and certificate settings of this machine
 * @throws Problem `build_rejected` that names the submodule
 */
export async function withSubmodule<T>(
  submodule: Submodule,
  at: Readonly<{
    scratch: string
    environment: Readonly<Record<string, string>>
    signal: AbortSignal
  }>,
  work: (source: CommitSource, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const repository = { folder: join(at.scratch, randomUUID()), hooks: '/dev/null' }
  const signal = AbortSignal.any([at.signal, AbortSignal.timeout(FETCH_MS_MAX)])
  try {
    await git(['init', '--quiet', '--bare', repository.folder])
    await download(repository.folder, submodule, { ...at, signal })
    return await work({ repository, sha: submodule.sha, quarantine: [] }, signal)
  } finally {
    await rm(repository.folder, { recursive: true, force: true })
  }
}

/** How long one submodule may take. */
const FETCH_MS_MAX = 5 * 60_000

/** One commit where the server gives single commits, else all branches and tags. */
async function download(
  repository: string,
  { path, url, sha }: Submodule,
  {
    environment,
    signal,
  }: Readonly<{ environment: Readonly<Record<string, string>>; signal: AbortSignal }>,
): Promise<void> {
  const env = { ...environment, GIT_ALLOW_PROTOCOL: 'http:https' }
  const here = ['-c', 'fetch.fsckObjects=true', '--git-dir', repository]
  const fetch = [...here, 'fetch', '--quiet', '--no-recurse-submodules']
  const one = await runGit([...fetch, '--depth', '1', url, sha], { env, signal })
  if (one.code === 0) return
  const all = await runGit([...fetch, '--tags', url, '+refs/heads/*:refs/heads/*'], { env, signal })
  const there = await runGit(['--git-dir', repository, 'cat-file', '-e', `${sha}^{commit}`])
  if (all.code === 0 && there.code === 0) return
  const why = all.code === 0 ? `it has no commit ${sha}` : all.stderr.trim()
  throw problem('build_rejected', `The submodule ${path} could not be fetched from ${url}: ${why}`)
}
