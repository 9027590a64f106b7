import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The official CLI as one installation keeps it. */
export type HerokuCli = Readonly<{
  version: string
  /** Its folder, with `node_modules`; another one for every version of it or of what it uses. */
  folder: string
  /** What Node runs. */
  program: string
}>

/** Folder with the `package.json` and the lock file of the CLI. */
export const SOURCE = import.meta.dirname

/**
 * Where the official CLI of this hokku lies, installed or not.
 *
 * @param parent folder for all versions, `Home.heroku`
 */
export function herokuCli(parent: string): HerokuCli {
  const { dependencies } = JSON.parse(readFileSync(join(SOURCE, 'package.json'), 'utf8')) as {
    dependencies: { heroku: string }
  }
  const lock = readFileSync(join(SOURCE, 'package-lock.json'))
  const mark = createHash('sha256').update(lock).digest('hex').slice(0, 8)
  const folder = join(parent, `${dependencies.heroku}-${mark}`)
  const program = join(folder, 'node_modules/heroku/bin/run.js')
  return { version: dependencies.heroku, folder, program }
}

/** Compiled code of the CLI, beside it. */
export const compileCacheOf = ({ folder }: HerokuCli): string => join(folder, '.compile-cache')

export const isInstalled = ({ program }: HerokuCli): boolean => existsSync(program)
