import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join, sep } from 'node:path'
import { problem } from '../store/index.ts'
import { exportCommit, objectFolders, type CommitSource } from './export-commit.ts'
import { git, runGit } from './git.ts'

export type SubmoduleFetch = Readonly<{
  source: CommitSource
  /** The exported tree into which the submodules go. */
  folder: string
  /** An existing folder for what is fetched; left empty. */
  scratch: string
  /** Proxy and certificate settings of this machine. */
  environment: Readonly<Record<string, string>>
  signal: AbortSignal
  onFetch: (path: string, url: string) => void
}>

/** A submodule as a commit records it. */
export type Submodule = Readonly<{ path: string; url: string }>

/**
 * Fetches the submodules of an exported commit, and theirs. Only `http(s)` is spoken: `file:` and
 * `ext:` would read or run what is on this machine.
 *
 * @throws Problem `build_rejected` that names the submodule
 */
export async function fetchSubmodules(fetch: SubmoduleFetch, depth = 0): Promise<void> {
  const text = await readFile(join(fetch.folder, '.gitmodules'), 'utf8').catch(() => null)
  if (text === null) return
  if (depth >= DEPTH_MAX) throw problem('build_rejected', 'Submodules are nested too deeply.')
  for (const submodule of parseGitmodules(await listSettings(fetch.folder))) {
    const sha = await recordedCommit(fetch.source, submodule.path)
    if (sha === undefined) continue
    checkSubmodule(submodule)
    fetch.onFetch(submodule.path, submodule.url)
    await fetchOne(fetch, submodule, sha, depth)
  }
}

/** Submodules in submodules in submodules; nobody means more than a few. */
const DEPTH_MAX = 5

const listSettings = (folder: string): Promise<string> =>
  git(['config', '--file', join(folder, '.gitmodules'), '--null', '--list'])

/** Reads what `git config --null --list` prints of a `.gitmodules`. */
export function parseGitmodules(text: string): Submodule[] {
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

function checkSubmodule({ path, url }: Submodule): void {
  const unsafe = path.split('/').some((part) => part === '..' || part === '.git')
  if (path === '' || path.startsWith('/') || unsafe) {
    throw problem('build_rejected', `The submodule path ${path} leads out of the repository.`)
  }
  if (/^https?:\/\//i.test(url)) return
  throw problem('build_rejected', `The submodule ${path} is at ${url}, which is not fetched.`, {
    hint: 'Give it an https:// address in .gitmodules and push again.',
  })
}

/** The commit that a tree holds at a path; undefined if that is no submodule. */
async function recordedCommit(source: CommitSource, path: string): Promise<string | undefined> {
  const { stdout } = await runGit(
    ['--git-dir', source.repository.folder, 'ls-tree', '-z', source.sha, '--', path],
    { env: objectFolders(source) },
  )
  return /^160000 commit ([0-9a-f]{40,64})\t/.exec(stdout)?.[1]
}

async function fetchOne(
  fetch: SubmoduleFetch,
  submodule: Submodule,
  sha: string,
  depth: number,
): Promise<void> {
  const repository = { folder: join(fetch.scratch, randomUUID()), hooks: '/dev/null' }
  const signal = AbortSignal.any([fetch.signal, AbortSignal.timeout(FETCH_MS_MAX)])
  try {
    await git(['init', '--quiet', '--bare', repository.folder])
    await download(repository.folder, submodule, sha, { ...fetch, signal })
    const source = { repository, sha, quarantine: [] }
    const folder = join(fetch.folder, submodule.path)
    await mkdir(folder, { recursive: true })
    await checkInside(fetch.folder, folder)
    await exportCommit(source, folder, signal)
    await fetchSubmodules({ ...fetch, source, folder }, depth + 1)
  } finally {
    await rm(repository.folder, { recursive: true, force: true })
  }
}

/** How long one submodule may take. */
const FETCH_MS_MAX = 5 * 60_000

/** One commit where the server gives single commits, else all branches and tags. */
async function download(
  repository: string,
  { path, url }: Submodule,
  sha: string,
  { environment, signal }: Pick<SubmoduleFetch, 'environment' | 'signal'>,
): Promise<void> {
  const env = { ...environment, GIT_ALLOW_PROTOCOL: 'http:https' }
  const fetch = ['--git-dir', repository, 'fetch', '--quiet', '--no-recurse-submodules']
  const one = await runGit([...fetch, '--depth', '1', url, sha], { env, signal })
  if (one.code === 0) return
  const all = await runGit([...fetch, '--tags', url, '+refs/heads/*:refs/heads/*'], { env, signal })
  const there = await runGit(['--git-dir', repository, 'cat-file', '-e', `${sha}^{commit}`])
  if (all.code === 0 && there.code === 0) return
  const why = all.code === 0 ? `it has no commit ${sha}` : all.stderr.trim()
  throw problem('build_rejected', `The submodule ${path} could not be fetched from ${url}: ${why}`)
}

/** A link in the repository may not lead a submodule out of the tree. */
async function checkInside(tree: string, folder: string): Promise<void> {
  const [root, real] = await Promise.all([realpath(tree), realpath(folder)])
  if (real.startsWith(root + sep) && (await stat(dirname(real))).isDirectory()) return
  throw problem(
    'build_rejected',
    'A submodule lies behind a link that leads out of the repository.',
  )
}
