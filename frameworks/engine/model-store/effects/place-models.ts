import type { FilePlace } from '../../files/files.ts'
import type { ModelStore } from '../model-store.ts'

/**
 * Models as objects of a bucket.
 *
 * @param basePath prefix of all object names; slashes at its ends do not count
 */
export function createPlaceModels(place: FilePlace, basePath: string): ModelStore {
  const prefix = basePath.replaceAll(/^\/+|\/+$/g, '')
  const nameOf = (id: string): string =>
    [prefix, encodeURIComponent(id)].filter((part) => part !== '').join('/')
  return {
    save: (id, model) => place.write(nameOf(id), model),
    load: (id) => place.read(nameOf(id)),
    delete: (id) => place.delete(nameOf(id)),
    close: async () => {},
  }
}
