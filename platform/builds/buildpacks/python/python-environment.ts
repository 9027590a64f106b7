import { join } from 'node:path'
import { uvSettings } from '#buildpack/uv'

/** The environment of uv, pip and the app's hooks: what the build has, and the app's config vars. */
export function pythonEnvironment(
  base: NodeJS.ProcessEnv,
  config: Readonly<Record<string, string>>,
  { tree, cache }: Readonly<{ tree: string; cache: string }>,
): NodeJS.ProcessEnv {
  const given = { ...base, ...config }
  return {
    PIP_CACHE_DIR: join(cache, 'pip'),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PYTHONUNBUFFERED: '1',
    UV_CACHE_DIR: join(cache, 'uv'),
    UV_LINK_MODE: 'copy',
    UV_NO_PROGRESS: '1',
    UV_SYSTEM_CERTS: '1',
    UV_PYTHON_DOWNLOADS: 'manual',
    // As pip does: the best version of all indexes.
    UV_INDEX_STRATEGY: 'unsafe-best-match',
    // Compiled files say nothing about times: the same packages make the same layer.
    UV_COMPILE_BYTECODE: '1',
    PYC_INVALIDATION_MODE: 'UNCHECKED_HASH',
    ...uvSettings(given),
    ...given,
    VIRTUAL_ENV: join(tree, '.heroku/python'),
    UV_PROJECT_ENVIRONMENT: join(tree, '.heroku/python'),
    PATH: `${tree}/.heroku/python/bin:${base['PATH'] ?? ''}`,
  }
}
