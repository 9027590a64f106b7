import { existsSync } from 'node:fs'
import type { Mount } from '../../sandbox/index.ts'

/**
 * What a build takes over of the platform's own environment: where packages come from and whom to
 * trust. Nothing else of it, and in particular no credential of the platform, reaches a build.
 */
export function inheritedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && ALLOWED.test(name) ? [[name, value]] : [],
    ),
  )
}

const ALLOWED =
  /^(?:npm_config_(?:registry|cafile|strict_ssl|proxy|https?_proxy|noproxy)|pip_(?:index_url|extra_index_url|find_links|cert|trusted_host|default_timeout)|uv_(?:python_install_mirror|default_index|index|index_url|extra_index_url|find_links|insecure_host)|hokku_python27|go(?:proxy|private|noproxy|sumdb|nosumdb|insecure)|mvnw_repourl|cran_mirror|cargo_http_(?:cainfo|proxy)|(?:https?|no|all)_proxy|ssl_cert_(?:file|dir)|node_extra_ca_certs|git_ssl_cainfo|curl_ca_bundle|requests_ca_bundle)$/i

/** Files and folders that inherited settings name have to be seen by the build. */
export function inheritedMounts(env: Readonly<Record<string, string>>): Mount[] {
  return Object.values(env)
    .map((value) => value.replace(/^file:\/\//, ''))
    .filter((value) => value.startsWith('/') && !SYSTEM.test(value) && existsSync(value))
    .map((path) => ({ from: path, to: path, mode: 'ro' }) as const)
}

/** Seen by every sandbox. */
const SYSTEM = /^\/(?:usr|etc\/ssl)\//

/** What every program of a buildpack finds in its environment, besides the inherited settings. */
export function buildEnvironment(
  build: Readonly<{ id: string; sourceVersion: string | null; stack: string }>,
  node: string,
  { pythons, rusts }: Readonly<{ pythons: readonly string[]; rusts: readonly string[] }>,
): Record<string, string> {
  return {
    STACK: build.stack,
    SOURCE_VERSION: build.sourceVersion ?? '',
    REQUEST_ID: build.id,
    DYNO: `build.${build.id.slice(0, 8)}`,
    CURL_CONNECT_TIMEOUT: '90',
    CURL_TIMEOUT: '600',
    HOKKU_NODE: `${node}/bin/node`,
    HOKKU_NODE_DIR: node,
    HOKKU_PYTHONS: pythons.join(':'),
    HOKKU_RUSTS: rusts.join(':'),
  }
}
