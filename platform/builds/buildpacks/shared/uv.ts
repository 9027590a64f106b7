import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from './compile.ts'
import { say } from './print.ts'

/** The program that installs packages of Python, and its version: new ones are tried first. */
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

/** The settings of uv that those of pip in an environment mean. */
export function uvSettings(given: NodeJS.ProcessEnv): Record<string, string> {
  const named = Object.entries(SETTINGS).flatMap(([pip, uv]): [string, string][] => {
    const value = given[pip] ?? given[pip.toLowerCase()]
    return value === undefined ? [] : [[uv, value.trim()]]
  })
  return Object.fromEntries(named)
}
