import type { App, Release, Slug } from '../store/index.ts'
import { limitsOf } from './sizes.ts'

export type DynoEnvironment = Readonly<{
  app: Pick<App, 'id' | 'name'>
  release: Pick<Release, 'version' | 'createdAt'>
  slug: Pick<Slug, 'commit' | 'commitDescription'>
  dyno: Readonly<{ id: string; name: string; size: string; port: number }>
  /** Rendered config vars, add-ons included. */
  config: Readonly<Record<string, string>>
  /** Feature `runtime-dyno-metadata`: what the app is and what it was made from. */
  metadata: boolean
  /** From the request of a one-off. */
  own: Readonly<Record<string, string>>
  /** Domain of the platform with its port, e.g. `localhost:8080`. */
  domain: string
  /** The bundle of certificate authorities as the dyno sees it; null while there is none. */
  certificatesFile: string | null
}>

/**
 * The environment of a dyno, as Heroku's, with what our local authority and host names need.
 * Config vars win over our defaults, but not over what identifies the dyno.
 */
export function dynoEnvironment(given: DynoEnvironment): Record<string, string> {
  const { dyno } = given
  const memory = String(limitsOf(dyno.size).memoryMb)
  return {
    ...(given.certificatesFile !== null && {
      NODE_EXTRA_CA_CERTS: given.certificatesFile,
      SSL_CERT_FILE: given.certificatesFile,
    }),
    MEMORY_AVAILABLE: memory,
    WEB_MEMORY: memory,
    HOKKU_DOMAIN: given.domain,
    ...given.config,
    ...given.own,
    PORT: String(dyno.port),
    DYNO: dyno.name,
    ...(given.metadata && metadataOf(given)),
  }
}

function metadataOf({ app, release, slug, dyno }: DynoEnvironment): Record<string, string> {
  return {
    HEROKU_APP_ID: app.id,
    HEROKU_APP_NAME: app.name,
    HEROKU_DYNO_ID: dyno.id,
    HEROKU_RELEASE_VERSION: `v${release.version}`,
    HEROKU_RELEASE_CREATED_AT: release.createdAt,
    ...(slug.commit !== null && {
      HEROKU_SLUG_COMMIT: slug.commit,
      HEROKU_BUILD_COMMIT: slug.commit,
      HEROKU_SLUG_DESCRIPTION: slug.commitDescription ?? `Deploy ${slug.commit.slice(0, 8)}`,
    }),
  }
}
