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
    work({ tree, cache, env })
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    warn(error.message)
    process.exitCode = 1
  }
}
