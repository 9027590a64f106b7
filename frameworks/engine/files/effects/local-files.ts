import { writeDurably } from '@hokku/kit/disk'
import { access, readdir, readFile, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { codeOf } from '@hokku/kit/error-code'
import type { FilePlace } from '../files.ts'

/** Files below a folder, which is made when the first one is written. */
export function localFiles(root: string): FilePlace {
  const pathOf = (name: string): string => join(root, ...name.split('/'))
  return {
    read: (name) => unlessMissing(readFile(pathOf(name)), undefined),
    write: (name, content) => writeDurably(pathOf(name), content),
    exists: (name) =>
      unlessMissing(
        access(pathOf(name)).then(() => true),
        false,
      ),
    list: async (prefix) => {
      const entries = await unlessMissing(
        readdir(join(root, prefix), { recursive: true, withFileTypes: true }),
        [],
      )
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    },
    delete: (name) => rm(pathOf(name), { force: true }),
  }
}

async function unlessMissing<Value, Instead>(
  value: Promise<Value>,
  instead: Instead,
): Promise<Value | Instead> {
  try {
    return await value
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return instead
    throw error
  }
}
