import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The app's config vars, one file each in ENV_DIR, without those that would break the build itself,
 * as Heroku's buildpacks leave them out.
 */
export function readConfigVars(envFolder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(envFolder)
      .filter((name) => !RESERVED.test(name))
      .map((name) => [name, readFileSync(join(envFolder, name), 'utf8')]),
  )
}

const RESERVED =
  /^(?:PATH|HOME|DYNO|STACK|ENV|BASH_ENV|IFS|BUILDPACK_URL|GIT_DIR|CPATH|CPPATH|LD_PRELOAD|LIBRARY_PATH|LD_LIBRARY_PATH|PYTHONHOME|PYTHONPATH|JAVA_OPTS|JAVA_TOOL_OPTIONS)$/
