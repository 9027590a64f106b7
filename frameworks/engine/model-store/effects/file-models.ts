import { writeDurably } from '@hokku/kit/disk'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '@hokku/kit/error-code'
import { reasonOf } from '@hokku/kit/problem'
import { problem } from '../../problems.ts'
import type { ModelStore } from '../model-store.ts'

/** Models as files of a directory, named as PredictionIO names them. */
export function createFileModels(directory: string, prefix: string): ModelStore {
  const pathOf = (id: string): string => join(directory, `${prefix}${encodeURIComponent(id)}`)
  return {
    save: (id, model) => writeDurably(pathOf(id), model).catch(unusable),
    load: async (id) => {
      try {
        return await readFile(pathOf(id))
      } catch (error) {
        return codeOf(error) === 'ENOENT' ? undefined : unusable(error)
      }
    },
    delete: (id) => rm(pathOf(id), { force: true }).catch(unusable),
    close: async () => {},
  }

  function unusable(error: unknown): never {
    const message = reasonOf(error)
    throw problem(
      'storage_unreachable',
      `The folder ${directory} cannot be used: ${message.split(',')[0]}.`,
      {
        hint: 'Check the PATH of the localfs source, its owner, and the space that is left.',
        cause: error,
      },
    )
  }
}
