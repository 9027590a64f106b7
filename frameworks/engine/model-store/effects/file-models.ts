import { writeDurably } from '@hokku/kit/disk'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelStore } from '../model-store.ts'

/** Models as files of a directory, named as PredictionIO names them. */
export function createFileModels(directory: string, prefix: string): ModelStore {
  const pathOf = (id: string): string => join(directory, `${prefix}${encodeURIComponent(id)}`)
  return {
    save: (id, model) => writeDurably(pathOf(id), model),
    load: async (id) => {
      try {
        return await readFile(pathOf(id))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    delete: (id) => rm(pathOf(id), { force: true }),
    close: async () => {},
  }
}
