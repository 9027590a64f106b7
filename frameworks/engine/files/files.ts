import { problem } from '../problems.ts'

/**
 * Files that every dyno of an app sees: objects of the S3 bucket of `PIO_S3_*`, or without one the
 * files of a folder of this machine. Paths begin with `/`, the root of the bucket.
 *
 * @example
 * await files.write('/models/words.json', JSON.stringify(words))
 * const words = JSON.parse(await files.readText('/models/words.json'))
 */
export type Files = Readonly<{
  /** @throws Problem `file_missing` */
  read: (path: string) => Promise<Uint8Array>
  readText: (path: string) => Promise<string>
  /** Replaces the file whole; it is there for everyone once this resolves. */
  write: (path: string, content: Uint8Array | string) => Promise<void>
  exists: (path: string) => Promise<boolean>
  /** Paths of all files below a folder, sorted; `/` for all there are. */
  list: (folder: string) => Promise<string[]>
  /** What is gone already is fine. */
  delete: (path: string) => Promise<void>
}>

/** Where files are; names have no slash at their beginning. */
export type FilePlace = Readonly<{
  read: (name: string) => Promise<Uint8Array | undefined>
  write: (name: string, content: Uint8Array) => Promise<void>
  exists: (name: string) => Promise<boolean>
  list: (prefix: string) => Promise<string[]>
  delete: (name: string) => Promise<void>
}>

/** @param place is asked for at the first use: most engines have no files */
export function createFiles(place: () => Promise<FilePlace>): Files {
  const read = async (path: string): Promise<Uint8Array> => {
    const content = await (await place()).read(nameOf(path))
    if (content === undefined) throw problem('file_missing', `There is no file ${path}.`)
    return content
  }
  return {
    read,
    readText: async (path) => new TextDecoder().decode(await read(path)),
    write: async (path, content) => {
      const name = nameOf(path)
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      await (await place()).write(name, bytes)
    },
    exists: async (path) => (await place()).exists(nameOf(path)),
    list: async (folder) => {
      const prefix = folder === '/' ? '' : `${nameOf(folder.replace(/\/$/, ''))}/`
      return (await (await place()).list(prefix)).map((name) => `/${name}`).toSorted()
    },
    delete: async (path) => (await place()).delete(nameOf(path)),
  }
}

/**
 * The object's name in a path.
 *
 * @throws Problem `path_invalid`
 */
export function nameOf(path: string): string {
  const name = path.slice(1)
  if (!path.startsWith('/')) {
    throw problem('path_invalid', `The path ${path} is relative.`, {
      hint: `Files are named from the root of the bucket: /${path.replace(/^(?:\.\.?\/)+/, '')}`,
    })
  }
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw problem('path_invalid', `A path of ${path.length} characters is too long.`, {
      hint: `S3 takes names of at most ${NAME_BYTES_MAX} bytes.`,
    })
  }
  const isPlain = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isPlain && !name.includes('\0')) return name
  throw problem('path_invalid', `${JSON.stringify(path)} is not the path of a file.`, {
    hint: 'Write it without empty parts, "." and "..", and without a slash at its end.',
  })
}

const NAME_BYTES_MAX = 1024
