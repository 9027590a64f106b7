import { join } from 'node:path'

/** Program and arguments that run `psiturk` again, in a separate process. */
export const launcher = (): string[] => [
  process.execPath,
  join(import.meta.dirname, '..', 'bin', 'psiturk.ts'),
]

/** Folder of the framework, with its `package.json`. */
export const frameworkDirectory = join(import.meta.dirname, '..')
