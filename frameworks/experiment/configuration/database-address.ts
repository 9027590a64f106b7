import { problem } from '../problems.ts'

/** Where a study's data goes: a server by address, or the PostgreSQL of this machine. */
export type DatabaseChoice =
  | Readonly<{ kind: 'server'; url: string }>
  | Readonly<{ kind: 'local'; notice: string | undefined }>

/**
 * Decides from `database_url`. SQLite addresses mean the PostgreSQL of this machine, which keeps the
 * promises that a file cannot, and so do MySQL addresses; on a cloud host both are refused.
 *
 * @param isDefault no one set the option: then nothing needs to be said about it
 * @throws Problem `ephemeral_database`, `database_unsupported`
 */
export function chooseDatabase(
  url: string,
  context: Readonly<{ isOnCloud: boolean; isDefault: boolean }>,
): DatabaseChoice {
  if (context.isOnCloud && /sqlite|localhost/.test(url)) throw refuseEphemeral(url)
  if (/^postgres(ql)?(\+\w+)?:\/\//.test(url)) {
    return { kind: 'server', url: url.replace(/^postgres(ql)?(\+\w+)?:/, 'postgresql:') }
  }
  const other = /^(sqlite|mysql|mariadb)(?:\+\w+)?:/.exec(url)?.[1]
  if (other !== undefined && !(context.isOnCloud && other !== 'sqlite')) {
    const notice = `database_url ${maskPassword(url)} is ${NAMES[other]} address; the data goes to the PostgreSQL of this machine instead.`
    return { kind: 'local', notice: context.isDefault ? undefined : notice }
  }
  const kind = /^\w+/.exec(url)?.[0] ?? 'nothing'
  throw problem('database_unsupported', `database_url names ${kind}, which is not supported.`, {
    hint: 'Use a postgresql:// address, or leave database_url out to use the PostgreSQL of this machine.',
  })
}

function refuseEphemeral(url: string): Error {
  return problem(
    'ephemeral_database',
    `EphemeralContainerDBError: database_url is ${maskPassword(url)}, but on a cloud host (ON_CLOUD) the disk and everything on localhost is lost at every restart.`,
    {
      hint: 'Use a hosted PostgreSQL: heroku addons:create heroku-postgresql sets DATABASE_URL.',
    },
  )
}

const NAMES: Readonly<Record<string, string>> = {
  sqlite: 'an SQLite',
  mysql: 'a MySQL',
  mariadb: 'a MariaDB',
}

/** An address as it may be printed. */
export const maskPassword = (url: string): string =>
  url.replace(/(:\/\/[^:/@]*:)[^@/]*@/, '$1********@')
