import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { warn } from './print.ts'

/** A failure that the app's owner can do something about. */
export class Rejected extends Error {
  override readonly name = 'Rejected'
}

/** What `bin/compile BUILD_DIR CACHE_DIR ENV_DIR` gets. */
export type Folders = Readonly<{ tree: string; cache: string; env: string }>

/** Runs a buildpack's `bin/compile`: what it rejects is printed, and ends the build. */
export function compile(argv: readonly string[], work: (folders: Folders) => void): void {
  const [tree = '', cache = '', env = ''] = argv
  try {
    checkHerokuFolder(tree)
    work({ tree, cache, env })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isOurs = !(error instanceof Rejected)
    warn(isOurs ? `The buildpack itself failed: ${message}` : message)
    if (isOurs) warn('This is an error in hokku. Report it with the output above.')
    process.exitCode = 1
  }
}

/** Buildpacks put their programs below `.heroku`, so the app may not have a file of that name. */
function checkHerokuFolder(tree: string): void {
  const status = lstatSync(join(tree, '.heroku'), { throwIfNoEntry: false })
  if (status === undefined || status.isDirectory()) return
  throw new Rejected(
    'The app has a file .heroku, where builds need a folder. Remove or rename it: git mv .heroku heroku.txt',
  )
}
