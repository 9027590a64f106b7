import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Files that differ from where this branch left `main`, committed or not, and new ones. Removed ones
 * are left out.
 *
 * @throws Error if there is no branch `main` to compare with
 */
export function changedFiles(root: string): string[] {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  const base = git('merge-base', mainOf(git), 'HEAD').trim()
  const listed = [
    git('diff', '--name-only', '-z', base),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]
  const files = listed.flatMap((list) => list.split('\0')).filter((file) => file !== '')
  return [...new Set(files)].filter((file) => existsSync(join(root, file)))
}

function mainOf(git: (...args: string[]) => string): string {
  const branches = git('for-each-ref', '--format=%(refname)', ...MAINS).split('\n')
  const found = MAINS.find((branch) => branches.includes(branch))
  if (found !== undefined) return found
  throw new Error('--changed compares with the branch main, and this checkout has none.')
}

const MAINS = ['refs/heads/main', 'refs/remotes/origin/main']
