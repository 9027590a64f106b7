import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { say } from '#buildpack/print'

/** The program that installs packages, and its version: new ones are tried before they go here. */
export const UV_VERSION = '0.13.9'

export type Places = Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>

/** Where uv is; downloaded from the package index once for each app. */
export function installUv({ cache, env }: Pick<Places, 'cache' | 'env'>): string {
  const folder = join(cache, 'tools', `uv-${UV_VERSION}`)
  if (existsSync(folder)) return join(folder, 'uv')
  say(`Installing uv ${UV_VERSION}...`)
  const temporary = `${folder}.tmp`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const script = join(import.meta.dirname, 'fetch-uv.ts')
  // Node follows the proxy settings of its environment only when it is asked to as it starts.
  const { status } = spawnSync(process.execPath, [script, temporary], {
    env: { ...env, NODE_USE_ENV_PROXY: '1' },
    input: env['UV_DEFAULT_INDEX'] ?? 'https://pypi.org/simple',
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  if (status !== 0)
    throw new Rejected(`uv ${UV_VERSION} could not be installed from the package index.`)
  chmodSync(join(temporary, 'uv'), 0o755)
  renameSync(temporary, folder)
  return join(folder, 'uv')
}

/** Settings of pip that uv knows under another name; apps and machines set those of pip. */
const SETTINGS: Readonly<Record<string, string>> = {
  PIP_INDEX_URL: 'UV_DEFAULT_INDEX',
  PIP_EXTRA_INDEX_URL: 'UV_INDEX',
  PIP_FIND_LINKS: 'UV_FIND_LINKS',
  PIP_TRUSTED_HOST: 'UV_INSECURE_HOST',
  PIP_DEFAULT_TIMEOUT: 'UV_HTTP_TIMEOUT',
  PIP_CERT: 'SSL_CERT_FILE',
  PIP_NO_BINARY: 'UV_NO_BINARY_PACKAGE',
  PIP_ONLY_BINARY: 'UV_NO_BUILD_PACKAGE',
}

/** The environment of uv, pip and the app's hooks: what the build has, and the app's config vars. */
export function pythonEnvironment(
  base: NodeJS.ProcessEnv,
  config: Readonly<Record<string, string>>,
  { tree, cache }: Readonly<{ tree: string; cache: string }>,
): NodeJS.ProcessEnv {
  const given = { ...base, ...config }
  const named = Object.entries(SETTINGS).flatMap(([pip, uv]): [string, string][] => {
    const value = given[pip] ?? given[pip.toLowerCase()]
    return value === undefined ? [] : [[uv, value.trim()]]
  })
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
    ...Object.fromEntries(named),
    ...given,
    VIRTUAL_ENV: join(tree, '.heroku/python'),
    UV_PROJECT_ENVIRONMENT: join(tree, '.heroku/python'),
    PATH: `${tree}/.heroku/python/bin:${base['PATH'] ?? ''}`,
  }
}
