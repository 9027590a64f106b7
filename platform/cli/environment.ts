import { join } from 'node:path'
import { apiUrl, type Address } from './installation.ts'
import { quote } from './shell.ts'

/** Where a client finds its platform: on this machine, or behind a relay. */
export type Client = Readonly<{
  address: Pick<Address, 'port'>
  /** Folder with the launchers `hokku` and `heroku`. */
  binFolder: string
  /** The user's own authorities and the platform's. */
  bundleFile: string
  /** Null leaves the key out, so that `heroku login` can do its work. */
  token: string | null
  root: string
}>

/** Everything that makes the official CLI and git talk to our own platform (ruling 13). */
export function clientEnvironment(client: Client): Record<string, string> {
  const url = apiUrl(client.address)
  return {
    HOKKU_HOME: client.root,
    HEROKU_HOST: url,
    ...(client.token !== null && { HEROKU_API_KEY: client.token }),
    HEROKU_PARTICLEBOARD_URL: url,
    HEROKU_DATA_HOST: 'localhost',
    HEROKU_BUILDPACK_REGISTRY_URL: url,
    HEROKU_LOGIN_HOST: url,
    HEROKU_STATUS_HOST: url,
    HEROKU_NETRC_WRITE: 'true',
    HEROKU_SKIP_NEW_VERSION_CHECK: '1',
    HEROKU_DISABLE_AUTOUPDATE: '1',
    DISABLE_TELEMETRY: 'true',
    NODE_EXTRA_CA_CERTS: client.bundleFile,
    GIT_SSL_CAINFO: client.bundleFile,
    ...gitSettings([
      // Our `git-credential-hokku` answers; it needs no official CLI.
      [`credential.https://localhost:${client.address.port}.helper`, 'hokku'],
      // Tutorials say `git remote add heroku git@heroku.com:NAME.git`. In this shell that is our NAME.
      ...HEROKU_REMOTES.map(
        (prefix) => [`url.https://localhost:${client.address.port}/.insteadOf`, prefix] as const,
      ),
    ]),
  }
}

/** How documents of all years name an app's repository on Heroku. */
const HEROKU_REMOTES = ['git@heroku.com:', 'ssh://git@heroku.com/', 'https://git.heroku.com/']

/** Settings of git for one shell, which leave the files of the user alone. */
const gitSettings = (settings: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([name, value], i) => [
      [`GIT_CONFIG_KEY_${i}`, name],
      [`GIT_CONFIG_VALUE_${i}`, value],
    ]),
  ])

/** POSIX shell lines that set it all, for `eval "$(hokku env)"`. */
export function exportLines(client: Client): string {
  const lines = Object.entries(clientEnvironment(client)).map(
    ([name, value]) => `export ${name}=${quote(value)}`,
  )
  const path = `export PATH=${quote(client.binFolder)}:"$PATH"`
  return [path, ...lines, ...(client.token === null ? ['unset HEROKU_API_KEY'] : [])].join('\n')
}

/** The user's PATH with our launchers in front. */
export const pathWith = (binFolder: string, path: string | undefined): string =>
  [binFolder, path].filter(Boolean).join(':')

export const bundleFileIn = (certificates: string): string => join(certificates, 'bundle.pem')
