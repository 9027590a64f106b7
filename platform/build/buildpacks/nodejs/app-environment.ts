import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The environment of npm and of the app's own build scripts: what the build has, the app's config
 * vars, and settings of ours that the app may overrule.
 */
export function appEnvironment(
  base: NodeJS.ProcessEnv,
  envFolder: string,
  { tree, cache }: { tree: string; cache: string },
): NodeJS.ProcessEnv {
  const config = Object.fromEntries(
    readdirSync(envFolder)
      .filter((name) => !RESERVED.test(name))
      .map((name) => [name, readFileSync(join(envFolder, name), 'utf8')]),
  )
  return {
    NODE_ENV: 'production',
    NODE_VERBOSE: 'false',
    npm_config_cache: join(cache, 'npm'),
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    YARN_CACHE_FOLDER: join(cache, 'yarn'),
    ...base,
    ...config,
    PATH: `${tree}/.heroku/node/bin:${tree}/.heroku/yarn/bin:${tree}/.heroku/pnpm/bin:${tree}/node_modules/.bin:${base['HOKKU_NODE_DIR'] ?? ''}/bin:${base['PATH'] ?? ''}`,
  }
}

/** Config vars that would break the build itself, as Heroku leaves them out. */
const RESERVED =
  /^(?:PATH|GIT_DIR|CPATH|CPPATH|LD_PRELOAD|LIBRARY_PATH|LD_LIBRARY_PATH|HOME|DYNO|STACK|BASH_ENV|ENV|IFS|JAVA_OPTS|JAVA_TOOL_OPTIONS|BUILDPACK_URL)$/
