import { problem } from '../problems.ts'
import type { Source } from './configuration.ts'

/**
 * The `postgres://` address of a jdbc source that has its own URL, e.g.
 * `jdbc:postgresql://db:5432/pio` with USERNAME and PASSWORD.
 */
export function addressOfSource(source: Source): string {
  const { URL: text = '', USERNAME, PASSWORD } = source.settings
  const address = text.replace(/^jdbc:/, '')
  if (!/^postgres(ql)?:\/\//.test(address) || !URL.canParse(address)) {
    throw problem(
      'storage_unconfigured',
      `The URL of the storage source ${source.name} is not a PostgreSQL address.`,
      {
        hint: 'It should look like jdbc:postgresql://host:5432/database; other databases are not supported.',
      },
    )
  }
  const url = new URL(address)
  if (USERNAME !== undefined) url.username = encodeURIComponent(USERNAME)
  if (PASSWORD !== undefined) url.password = encodeURIComponent(PASSWORD)
  return url.href
}

/**
 * The address with what the environment asks for: in a dyno TLS without verification, as Heroku's
 * databases want it, unless `PIO_POSTGRES_OPTIONAL_SSL` says no; and tables in their own schema
 * for a namespace that is not the default one.
 */
export function withOptions(
  address: string,
  env: NodeJS.ProcessEnv,
  namespace: string | undefined,
): string {
  const url = new URL(address)
  const isTlsWanted = env['DYNO'] !== undefined && env['PIO_POSTGRES_OPTIONAL_SSL'] !== 'true'
  if (isTlsWanted && !url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'require')
  if (namespace !== undefined) url.searchParams.set('options', `-c search_path=${namespace}`)
  return url.href
}
