import { join } from 'node:path'

/**
 * The environment of npm and of the app's own build scripts: what the build has, the app's config
 * vars, and settings of ours that the app may overrule.
 */
export function npmEnvironment(
  base: NodeJS.ProcessEnv,
  config: Readonly<Record<string, string>>,
  { tree, cache }: Readonly<{ tree: string; cache: string }>,
): NodeJS.ProcessEnv {
  const own = BIN_FOLDERS
  const shared = `${base['HOKKU_NODE_DIR'] ?? ''}/bin`
  return {
    NODE_ENV: 'production',
    NODE_VERBOSE: 'false',
    npm_config_cache: join(cache, 'npm'),
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    ...base,
    ...config,
    PATH: [...own.map((path) => join(tree, path)), shared, base['PATH'] ?? ''].join(':'),
  }
}

/** Where an app finds Node, its package manager and the programs of its packages. */
export const BIN_FOLDERS = [
  '.heroku/node/bin',
  '.heroku/yarn/bin',
  '.heroku/pnpm/bin',
  '.heroku/bun/bin',
  'node_modules/.bin',
]
