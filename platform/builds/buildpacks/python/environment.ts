import { join } from 'node:path'

/** The environment of pip and of the app's hooks: what the build has, and the app's config vars. */
export function pipEnvironment(
  base: NodeJS.ProcessEnv,
  config: Readonly<Record<string, string>>,
  { tree, cache }: Readonly<{ tree: string; cache: string }>,
): NodeJS.ProcessEnv {
  return {
    PIP_CACHE_DIR: join(cache, 'pip'),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PYTHONUNBUFFERED: '1',
    ...base,
    ...config,
    PATH: `${tree}/.heroku/python/bin:${base['PATH'] ?? ''}`,
  }
}
