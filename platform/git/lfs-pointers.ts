import { objectFolders, type CommitSource } from './archive-commit.ts'
import { runGit } from './git.ts'
import type { LfsObject } from './lfs-objects.ts'

/**
 * Files of a commit that Git LFS has replaced by pointers. Repositories without LFS cost one look
 * at their `.gitattributes`.
 */
export async function lfsPointers(source: CommitSource): Promise<string[]> {
  const grep = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await runGit(
      ['--git-dir', source.repository.folder, 'grep', '-z', '-l', ...words],
      { env: objectFolders(source) },
    )
    return stdout.split('\0').filter((name) => name !== '')
  }
  const attributes = ['--', ':(glob)**/.gitattributes']
  if ((await grep('-e', 'filter=lfs', source.sha, ...attributes)).length === 0) return []
  const found = await grep('-I', '-e', '^version https://git-lfs.github.com/spec/v1$', source.sha)
  return found.map((name) => name.slice(source.sha.length + 1))
}

/** What a pointer of Git LFS stands for; undefined for any other text. */
export function parsePointer(text: string): LfsObject | undefined {
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1]
  const size = /^size (\d{1,15})$/m.exec(text)?.[1]
  const isPointer = text.startsWith('version https://git-lfs.github.com/spec/v1\n')
  if (!isPointer || oid === undefined || size === undefined) return undefined
  return { oid, size: Number(size) }
}
