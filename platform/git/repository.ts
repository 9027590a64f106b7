import { chmod, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import type { Home } from '../store/index.ts'
import { git } from './git.ts'
import { PRE_RECEIVE } from './hook.ts'

/** An app's bare repository on disk. */
export type Repository = Readonly<{ folder: string; hooks: string }>

export const repositoryOf = (home: Home, appId: string): Repository => ({
  folder: join(home.apps, appId, 'repository.git'),
  hooks: join(home.runtime, 'git-hooks'),
})

/** Makes the repository and the hook that every push runs, unless they are there. Idempotent. */
export async function prepareRepository(repository: Repository): Promise<void> {
  await installHook(repository.hooks)
  if (await exists(join(repository.folder, 'HEAD'))) return
  const temporary = `${repository.folder}.${randomUUID()}`
  await mkdir(dirname(repository.folder), { recursive: true, mode: 0o711 })
  await git(['init', '--quiet', '--bare', '--initial-branch=main', temporary])
  await chmod(temporary, 0o700)
  try {
    await rename(temporary, repository.folder)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    // Someone else was faster: the same empty repository.
    if (!(await exists(join(repository.folder, 'HEAD')))) throw error
  }
}

/** Bytes that the repository takes, for `apps:info`. */
export async function repositorySize(repository: Repository): Promise<number> {
  const counts = await git(['--git-dir', repository.folder, 'count-objects', '-v'])
  const kilobytes = [...counts.matchAll(/^size(?:-pack)?: (\d+)$/gm)].map((match) => match[1])
  return kilobytes.reduce((sum, size) => sum + Number(size) * 1024, 0)
}

/** Lets `git clone` check out the branch that deploys: `main`, else `master`. */
export async function settleHead(repository: Repository): Promise<void> {
  const here = ['--git-dir', repository.folder]
  const branches = ['refs/heads/main', 'refs/heads/master']
  const found = await git([...here, 'for-each-ref', '--format=%(refname)', ...branches])
  const [branch] = found.split('\n')
  if (branch !== undefined && branch !== '') await git([...here, 'symbolic-ref', 'HEAD', branch])
}

async function installHook(folder: string): Promise<void> {
  const file = join(folder, 'pre-receive')
  const installed = await readFile(file, 'utf8').catch(() => null)
  if (installed !== PRE_RECEIVE) await writeDurably(file, PRE_RECEIVE, 0o755)
}

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null)) !== null
